return machine { qemu.devise { "e1000" } }

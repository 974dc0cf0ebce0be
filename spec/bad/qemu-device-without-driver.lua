return machine { qemu.device { id = "x" } }

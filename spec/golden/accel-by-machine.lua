-- QEMU takes no -accel beside it.
return machine { qemu.machine { accel = "tcg" } }

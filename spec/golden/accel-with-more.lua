-- Of two that are the same QEMU takes the first: the one that says more stands alone.
return machine { accel = "tcg", qemu.accel { "tcg", thread = "single" } }

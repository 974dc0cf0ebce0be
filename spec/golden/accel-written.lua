return machine { accel = "tcg", cpu = "qemu64" }

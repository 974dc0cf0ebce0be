return machine { name = "win", arch = "riscv64", accel = "tcg", windows = true }

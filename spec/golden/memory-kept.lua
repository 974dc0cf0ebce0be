return machine { accel = "tcg", memory = { size = "2G", kept = true } }

return machine { accel = "tcg", memory = { size = "2G", keep = true } }

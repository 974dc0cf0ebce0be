return machine { append = "a\0b" }

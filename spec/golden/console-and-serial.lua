return machine { console {}, serial { file = "second.log", append = true } }

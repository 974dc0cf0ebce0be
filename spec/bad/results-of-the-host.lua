return machine { results = "out" }

return machine { memory = "4X" }

return machine { memory = GiB(2.5) }

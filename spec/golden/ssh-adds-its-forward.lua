return machine { nic {}, ssh { user = "dev" } }

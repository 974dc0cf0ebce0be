return machine { name = "dev", ready = "cloud-init", provision { "true" } }

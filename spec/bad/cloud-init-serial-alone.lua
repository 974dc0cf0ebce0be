return machine { cloud_init { via = "serial" } }

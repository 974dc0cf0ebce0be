return machine { cloud_init { from = "/seed" } }

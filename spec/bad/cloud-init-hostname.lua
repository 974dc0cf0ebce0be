return machine { cloud_init { hostname = "under_scored" } }

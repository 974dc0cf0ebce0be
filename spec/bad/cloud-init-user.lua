return machine { cloud_init { user = "Big Boss" } }

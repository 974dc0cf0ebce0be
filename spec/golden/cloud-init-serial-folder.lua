return machine { name = "web", cloud_init { via = "serial", from = "/srv/seed" } }

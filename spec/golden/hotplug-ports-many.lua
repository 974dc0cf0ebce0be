return machine { hotplug { ports = 17 }, mount { from = "a", to = "/a" } }

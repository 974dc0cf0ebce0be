return machine { hotplug { ports = 3 } }

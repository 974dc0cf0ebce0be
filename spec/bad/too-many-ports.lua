return machine { hotplug { ports = 97 } }

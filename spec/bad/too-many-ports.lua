return machine { hotplug { ports = 121 } }

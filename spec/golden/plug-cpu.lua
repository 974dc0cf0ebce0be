-- plug: { "cpu" }
return machine { name = "dev", cpus = 2, hotplug { cpus = 4 } }

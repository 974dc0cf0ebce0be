return machine { cpus = 0 }

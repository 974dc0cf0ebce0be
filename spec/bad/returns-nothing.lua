machine { cpus = 2 }

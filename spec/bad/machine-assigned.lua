machine = { cpus = 2 }

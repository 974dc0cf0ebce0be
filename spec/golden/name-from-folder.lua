-- the name comes from the folder, here "vm"
return machine { cpus = 2 }

return machine {
  cpus = { sockets = 1, cores = 4 },
  hotplug { cpus = 6 },
}

return machine {
  cpus = { sockets = 64, cores = 64 },
}

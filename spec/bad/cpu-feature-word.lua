return machine {
  cpu = { "host", "invtsc" },
  cpus = { sockets = 1, core = 4 },
}

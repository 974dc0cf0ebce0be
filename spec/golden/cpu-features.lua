return machine {
  cpu = { "host", "+invtsc", vmx = true },
  cpus = { sockets = 1, cores = 4, threads = 2 },
  qemu.cpu { "host", "-pdpe1gb", hv_relaxed = true, migratable = false },
  qemu.cpu { "host", migratable = true },
}

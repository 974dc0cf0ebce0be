return machine {
  cpus = { sockets = 1, cores = 2, threads = 2 },
  hotplug { cpus = 8 },
  qemu.cpu { "max", pauth_impdef = true },
}

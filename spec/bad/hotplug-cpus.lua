return machine {
  cpus = 4,
  hotplug { cpus = 2 },
}

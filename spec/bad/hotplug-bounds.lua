return machine {
  cpus = 4, memory = "2G",
  hotplug { memory = "1G" },
}

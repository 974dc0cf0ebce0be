return machine {
  type = "pc",
  hotplug { ports = 16 },
}

return machine {
  type = "microvm",
  hotplug { ports = 4 },
}

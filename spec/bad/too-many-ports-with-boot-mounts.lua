return machine {
  mount { from = "src", to = "/work" },
  hotplug { ports = 120 },
}

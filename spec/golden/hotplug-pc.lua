-- a board without PCI Express: the slots of its bus are the ports
return machine {
  type = "pc",
  hotplug { ports = 4 },
  mount { from = "src", to = "/work" },
}

return machine {
  hotplug { mount = "/home" },
}

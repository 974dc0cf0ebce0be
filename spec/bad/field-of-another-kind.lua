return machine {
  usb { device = "046d:c52b" },
  nic { ifname = "tap0" },
  memory { kind = "dimm", requested = "1G", size = "1G" },
  hotplug { memory = "8G" },
}

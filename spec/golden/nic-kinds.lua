return machine {
  nic {},
  nic { kind = "tap", ifname = "tap0", mac = "52:54:00:AA:BB:CC" },
  nic { kind = "bridge", model = "e1000" },
}

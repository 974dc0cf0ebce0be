return machine {
  name = "locked", accel = "tcg",
  disk { file = "system.qcow2" }, nic {},
  qemu.device { "edu" }, qemu.device { "edu", addr = "9" },
  qemu.machine { hmat = true },
}

return machine {
  name = "win",
  windows = { drivers = "virtio-win.iso" },
  firmware = "bios",
  disk { file = "windows.qcow2" },
  nic {},
  tpm { model = "tis" },
  qemu.rtc { base = "utc" },
}

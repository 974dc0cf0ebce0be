return machine {
  name = "win",
  windows = { driver = "virtio-win.iso" },
}

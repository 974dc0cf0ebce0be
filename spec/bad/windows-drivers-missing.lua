return machine {
  name = "win",
  windows = { drivers = "missing-virtio-win.iso" },
}

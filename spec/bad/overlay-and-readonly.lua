return machine {
  disk {
    file = "a.qcow2",
    readonly = true,
    overlay = true,
  },
}

return machine {
  disk {
    file = "a.qcow2",
    overlya = true,
  },
}

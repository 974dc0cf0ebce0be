return machine {
  nic {
    forward = { ["80"] = 80 },
  },
}

return machine {
  signs = { "lost", 7, zfs = "zfs>" },
}

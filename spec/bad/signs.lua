return machine {
  signs = { "lost", { txet = "zfs>" } },
}

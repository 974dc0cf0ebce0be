return machine {
  signs = "lost", serial { file = "log" },
}

return machine {
  signs = { "lost", 7 },
}

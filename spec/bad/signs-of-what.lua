return machine {
  signs = { { "lost" } },
}

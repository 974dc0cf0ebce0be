return machine {
  signs = { name = "it is lost" },
}

return machine {
  signs = {},
}

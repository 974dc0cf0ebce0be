return machine {
  signs = ("x"):rep(201),
}

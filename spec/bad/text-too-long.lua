return machine {
  append = ("x"):rep(200000),
}

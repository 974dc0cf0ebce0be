return machine {
  arch = "../x86_64",
}

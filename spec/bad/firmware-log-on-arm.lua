return machine {
  arch = "aarch64",
  firmware = { log = true },
}

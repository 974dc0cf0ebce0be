return machine {
  arch = "aarch64",
  firmware = "bios",
}

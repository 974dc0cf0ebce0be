return machine {
  arch = "aarch64",
  tpm {
    model = "crb",
  },
}

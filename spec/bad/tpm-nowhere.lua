return machine {
  arch = "riscv64",
  tpm {},
}

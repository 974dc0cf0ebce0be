return machine {
  tpm {},
  tpm {},
}

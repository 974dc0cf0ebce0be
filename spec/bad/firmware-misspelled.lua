return machine {
  firmware = "uefi-missing",
  name = "a",
}

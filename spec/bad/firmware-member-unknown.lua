return machine {
  firmware = { secur = true },
}

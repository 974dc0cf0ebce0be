return machine {
  type = "pc",
  firmware = { secure = true },
}

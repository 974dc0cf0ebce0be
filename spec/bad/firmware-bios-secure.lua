return machine {
  firmware = { kind = "bios", secure = true },
}

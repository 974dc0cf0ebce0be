return machine {
  name = "win",
  type = "pc",
  windows = true,
}

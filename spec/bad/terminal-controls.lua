return machine {
  name = "\27[2J",
}

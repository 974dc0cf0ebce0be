return machine {
  gdb = 70000,
  paused = "yes",
}

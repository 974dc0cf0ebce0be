return machine {
  gdb = 1234,
}

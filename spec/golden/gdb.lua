return machine {
  gdb = true,
}

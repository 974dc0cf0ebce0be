return machine {
  paused = false,
  qemu.S {},
}

return machine {
  paused = true,
  qemu.S {},
}

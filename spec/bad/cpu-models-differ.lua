return machine {
  cpu = "max",
  qemu.cpu { "host", vmx = true },
}

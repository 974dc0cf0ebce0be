return machine {
  qemu.cpu { "host", vmx = true },
  qemu.cpu { "max", "+invtsc" },
}

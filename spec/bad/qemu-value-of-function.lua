return machine {
  qemu.device {
    "e1000",
    mac = print,
  },
}

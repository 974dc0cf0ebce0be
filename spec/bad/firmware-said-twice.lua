return machine {
  firmware = "uefi",
  qemu.drive { ["if"] = "pflash", file = "mine.fd" },
  qemu.bios { "bios.bin" },
}

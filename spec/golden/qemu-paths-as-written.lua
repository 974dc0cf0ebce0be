return machine {
  defaults = false,
  arch = "x86_64",
  qemu.drive { file = "disks/root.qcow2", format = "qcow2" },
  qemu.serial { "file:logs/early.log" },
  qemu.kernel { "./vmlinuz" },
  raw { "-initrd", "initrd.img" },
}

return machine {
  qemu.drive {
    file = "disks/missing.qcow2",
  },
  qemu.kernel { "missing/vmlinuz" },
  qemu.netdev { "user", id = "n", tftp = "root.img" },
}

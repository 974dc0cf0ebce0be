return machine {
  type = "pc",
  cdrom { file = "a, b.iso" },
  disk { file = "old.qcow2", bus = "ide" },
}

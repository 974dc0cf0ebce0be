return machine {
  disk { file = "a.qcow2", install = "debian.iso", readonly = true },
  disk { file = "b.qcow2", install = "debian.iso", overlay = true },
  disk { file = "c.qcow2", install = "missing.iso" },
}

return machine {
  name = "dev", gdb = 1234,
  disk { file = "debian.qcow2" },
  disk { file = "debian.qcow2", id = "kept",
    overlay = "missing.qcow2" },
  disk { file = "debian.qcow2", id = "seed", readonly = true },
  serial { file = "boot.log" },
  template {},
}

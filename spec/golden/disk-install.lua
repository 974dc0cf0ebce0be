return machine {
  disk { file = "missing-yet.qcow2", create = true, size = "20G", install = "debian.iso" },
}

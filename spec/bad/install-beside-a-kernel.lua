return machine { kernel = "vmlinuz",
  disk { file = "a.qcow2", install = "debian.iso" } }

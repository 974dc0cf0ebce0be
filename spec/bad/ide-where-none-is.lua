return machine { arch = "aarch64",
  disk { file = "a.qcow2", bus = "ide" } }

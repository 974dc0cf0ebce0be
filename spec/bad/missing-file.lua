return machine {
  disk { file = "missing.qcow2" },
}

return machine {
  disk = { file = "a.qcow2" },
}

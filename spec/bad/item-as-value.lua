return machine {
  firmware = disk { file = "a.qcow2" },
}

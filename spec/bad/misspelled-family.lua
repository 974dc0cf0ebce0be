return machine {
  cpus = 2,
  dsik { file = "a.qcow2" },
}

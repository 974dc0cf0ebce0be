return machine {
  { disk { file = "a.qcow2" }, cpus = 2 },
}

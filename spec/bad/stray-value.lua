return machine {
  cpus = 2,
  "disk.qcow2",
}

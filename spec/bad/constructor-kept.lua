local d = disk
return machine {
  cpus = 1,
  d { file = "missing.qcow2" },
}

return machine {
  name = "a b",
  cpus = -1,
  memory = "lots",
  disk { file = "missing.qcow2", buss = "scsi" },
  nic { forward = "ssh" },
  on("redy", print),
}

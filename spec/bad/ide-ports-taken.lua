return machine { type = "pc",
  cdrom {}, cdrom {}, cdrom {},
  disk { file = "missing-a.qcow2", create = true, size = "1G", bus = "ide", install = "debian.iso" } }

return machine { type = "pc", cdrom { bus = "sata" }, disk { file = "a.qcow2", bus = "sata" } }

return machine { cdrom { file = "root.qcow2" }, cdrom { file = "missing.iso" }, cdrom { file = "." } }

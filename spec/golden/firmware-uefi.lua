return machine { firmware = "uefi", disk { file = "disk.qcow2" } }

return machine {
  disk { file = "root.qcow2", boot = 1 },
  disk { file = "scratch.raw", bus = "scsi", serial = "S1" },
  disk { file = "fast.qcow2", bus = "nvme" },
  disk { file = "old.qcow2", bus = "sata", discard = false },
}

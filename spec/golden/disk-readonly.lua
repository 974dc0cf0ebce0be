return machine {
  disk { file = "a.qcow2", readonly = true },
  disk { file = "b.raw", readonly = true, bus = "scsi" },
  disk { file = "c.raw", readonly = true, bus = "nvme" },
}

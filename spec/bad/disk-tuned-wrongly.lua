return machine {
  disk { file = "a.qcow2", aio = "native" },
  disk { file = "b.qcow2", bus = "scsi", iothread = true },
  disk { file = "c.qcow2", bus = "nvme", queues = 4 },
  disk { file = "d.qcow2", ssd = true },
  disk { file = "e.qcow2", discard = false, detect_zeroes = "unmap" },
  disk { file = "f.qcow2", cache = "writeback", readonly = true, bus = "ide" },
}

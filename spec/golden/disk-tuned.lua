return machine {
  disk { file = "root.qcow2", cache = "none", aio = "native", iothread = true, queues = 4,
    detect_zeroes = "unmap" },
  disk { file = "data.raw", bus = "scsi", cache = "writethrough", ssd = true, aio = "io_uring" },
  disk { file = "more.raw", bus = "sata", cache = "directsync", ssd = true },
  disk { file = "scratch.qcow2", overlay = true, cache = "writeback" },
  disk { file = "heap.qcow2", bus = "nvme", cache = "unsafe", detect_zeroes = "on" },
}

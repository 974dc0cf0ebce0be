return machine {
  name = "win",
  windows = true,
  cpus = 4,
  cpu = { "host", "-hv-ipi", "+invtsc" },
  disk { file = "windows.qcow2", create = true, size = "64G", install = "windows.iso" },
  disk { file = "data.qcow2", create = true, size = "64G", bus = "nvme" },
  nic {},
}

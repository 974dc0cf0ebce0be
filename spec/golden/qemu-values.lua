return machine {
  qemu.object { "rng-random", id = "rng0", filename = "/dev/urandom" },
  qemu.device { "virtio-rng-pci", rng = "rng0", max_bytes = 1024 },
  device { "virtio-balloon-pci", deflate_on_oom = true, ["free-page-reporting"] = false },
  object { "memory-backend-file", id = "spare", size = "2M", ["mem-path"] = "a,b" },
  qemu.smbios { type = 1, manufacturer = "Curds, Whey & Co" },
}

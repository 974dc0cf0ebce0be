-- Another architecture: ARM on whatever this host is. UEFI follows, since there is no kernel.
--
--   IMAGE=debian-13-generic-arm64.qcow2 lunik up examples/aarch64/vm.lua
return machine {
  name = "arm",
  arch = "aarch64",
  cpus = 4,
  memory = "2G",
  disk { file = env "IMAGE" or "debian-13-generic-arm64.qcow2", overlay = true },
  nic { forward = { ssh = 22 } },
  cloud_init { user = "dev" },
  ssh { user = "dev" },
}

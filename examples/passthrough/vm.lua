-- A device of this host's in the guest, by VFIO: `lunik check` says whether it may be had.
--
--   GPU=0000:01:00.0 lunik check examples/passthrough/vm.lua
return machine {
  name = "passthrough",
  cpus = 4,
  memory = "8G",
  cpu = "host",
  disk { file = env "IMAGE" or "passthrough.qcow2" },
  nic {},
  qemu.device { "vfio-pci", host = env "GPU" or "0000:01:00.0" },
}

return machine {
  name = "dev",
  cpus = 4,
  memory = "4G",

  disk { file = "debian-12.qcow2", overlay = true },
  nic { forward = { ssh = 22, ["8080"] = 80 } },
  mount { from = ".", to = "/work" },
  mount { from = "~/data", readonly = true },
  hotplug { ports = 16 },
  qemu.device { "virtio-rng-pci", max_bytes = 1024 },
  agent {}, ssh { user = "root", key = "id_ed25519" },

  on("ready", function(vm) print("ssh forward", vm:forward("ssh")) end),
}

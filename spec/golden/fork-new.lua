-- Of all this each clone has one of its own. What the recipe writes to `own` lies above it, and
-- what went with the saved machine is copied; the port of the host becomes a free one.
-- fork: { of = "vm", number = 3, forward = "auto", mounts = {} }
-- plug: { "cpu", id = "more" }
-- plug: { "memory", size = "128M" }
-- plug: { "memory", kind = "virtio-mem", size = "128M" }
return machine {
  name = "vm-3",
  memory = { size = "1G", kept = true },
  agent {}, balloon {}, console {},
  nic { forward = { ssh = 22, ["8080"] = 80 } },
  ssh {}, cloud_init {},
  disk { file = "own.qcow2" },
  disk { file = "base.qcow2", overlay = true, id = "scratch" },
  usb {},
  hotplug { ports = 4, memory = "4G", cpus = 4 },
}

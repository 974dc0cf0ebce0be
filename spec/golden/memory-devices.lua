return machine {
  name = "dev", hotplug { memory = "8G" },
  memory { size = "1G" },
  memory { kind = "virtio-mem", size = "2G", requested = "512M" },
}

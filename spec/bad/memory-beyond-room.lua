return machine {
  memory = "2G", hotplug { memory = "4G" },
  memory { size = "1G" },
  memory { kind = "virtio-mem", size = "2G", requested = "512M" },
}

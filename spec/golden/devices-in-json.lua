-- one device that key=value cannot say makes all of them JSON: QEMU would make the others first
return machine {
  nic {},
  qemu.object { "iothread", id = "io0" },
  qemu.object { "iothread", id = "io1" },
  qemu.device { "virtio-blk-pci", drive = "d", ["num-queues"] = 2,
    ["iothread-vq-mapping"] = { { iothread = "io0" }, { iothread = "io1" } } },
  qemu.blockdev { "null-co", node_name = "d" },
}

-- imported from plain.sh, line 3
return machine {
  defaults = false,
  arch = "x86_64",
  cpu = "host",
  cpus = 4,
  memory = "4G",

  qemu["enable-kvm"] {},
  qemu.drive {
    file = "debian.qcow2", ["if"] = "virtio", cache = "writeback", discard = "unmap",
  },
  qemu.nic {
    "user", model = "virtio-net-pci", hostfwd = { "tcp::2222-:22", "tcp:127.0.0.1:8080-:80" },
  },
  qemu.device { "virtio-rng-pci" },
  qemu.usb {},
  qemu.device { "usb-tablet" },
  qemu.vga { "virtio" },
  qemu.display { "gtk", gl = true, zoom_to_fit = false },
  -- when lunik runs it, QEMU's standard input is empty
  qemu.monitor { "stdio" },
  qemu.serial { "file", path = "serial,log.txt" },
}

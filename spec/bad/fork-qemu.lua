-- What a second one would do to the first is read from QEMU's own options, too.
-- fork: { of = "vm", number = 1 }
return machine {
  qemu.netdev { "user", id = "n0", hostfwd = "tcp:127.0.0.1:2222-:22" },
  qemu.netdev { "user", id = "n1", hostfwd = "tcp:127.0.0.1:0-:22" },
  qemu.netdev { "tap", id = "t0", ifname = "tap0" },
  qemu.device { "vhost-vsock-pci", guest_cid = 3 },
  qemu.device { "vfio-pci", host = "01:00.0" },
  qemu.device { "usb-host", vendorid = 1133 },
  qemu.device { "virtio-rng-pci" },
  qemu.drive { file = "a.qcow2", ["if"] = "virtio" },
  qemu.drive { file = "b.qcow2", ["if"] = "virtio", readonly = true },
  qemu.cdrom { "c.iso" },
  qemu.chardev { "file", id = "c0", path = "out.log" },
  qemu.chardev { "socket", id = "c1", path = "c.sock", server = true, wait = false },
  qemu.chardev { "socket", id = "c2", host = "127.0.0.1", port = 4000 },
  qemu.chardev { "null", id = "c3" },
  qemu.vnc { ":1" },
  qemu.D { "qemu.log" },
  raw { "-no-hpet" },
}

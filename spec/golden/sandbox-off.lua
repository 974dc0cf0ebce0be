return machine {
  sandbox = false,
  qemu.netdev { "user", id = "a", guestfwd = "tcp:10.0.2.100:80-cmd:httpd -i" },
  qemu.netdev { "bridge", id = "f", br = "br0" },
}

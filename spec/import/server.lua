-- imported from server.sh, line 4
-- left out: its environment: LC_ALL, PATH
-- the program was /usr/bin/qemu-system-x86_64, which is not here
return machine {
  defaults = false,
  arch = "x86_64",
  -- it has a sandbox of its own
  sandbox = false,
  accel = "kvm",
  memory = "8G",
  uuid = "4dea22b3-1d52-d8f3-2516-782e98ab3fa0",

  qemu.name { "db01", debug_threads = true },
  -- with this it stays paused until somebody resumes it
  qemu.S {},
  qemu.object {
    "secret", id = "masterKey0", format = "raw", file = "/var/lib/db01/master-key.aes",
  },
  qemu.machine {
    "pc-q35-7.2", usb = false, vmport = false, dump_guest_core = false,
    memory_backend = "pc.ram",
  },
  qemu.cpu { "host", migratable = true, topoext = true },
  qemu.object { "memory-backend-memfd", id = "pc.ram", share = true, size = 8589934592 },
  qemu.overcommit { mem_lock = false },
  qemu.smp { 4, sockets = 1, dies = 1, cores = 2, threads = 2 },
  qemu["no-user-config"] {},
  qemu.nodefaults {},
  -- fd: opened by whoever started it; lunik has none to hand over
  qemu.chardev { "socket", id = "charmonitor", fd = "33", server = true, wait = false },
  qemu.mon { "charmonitor", id = "monitor", mode = "control" },
  qemu.rtc { base = "utc", driftfix = "slew" },
  qemu.global { "kvm-pit.lost_tick_policy=delay" },
  qemu["no-shutdown"] {},
  qemu.global { "ICH9-LPC.disable_s3=1" },
  qemu.boot { strict = true },
  qemu.device {
    "pcie-root-port", port = 16, chassis = 1, id = "pci.1", bus = "pcie.0",
    multifunction = true, addr = "0x2",
  },
  qemu.device {
    "pcie-root-port", port = 17, chassis = 2, id = "pci.2", bus = "pcie.0", addr = "0x2.0x1",
  },
  qemu.device { "qemu-xhci", p2 = 15, p3 = 15, id = "usb", bus = "pci.1", addr = "0x0" },
  qemu.blockdev {
    "file", filename = "/var/lib/images/db01.qcow2", node_name = "storage1",
    auto_read_only = true, discard = "unmap",
  },
  -- backing: only JSON can say null
  raw {
    "-blockdev",
    '{"node-name":"format1","read-only":false,"discard":"unmap","driver":"qcow2","file":"storage1","backing":null}',
  },
  qemu.device {
    "virtio-blk-pci", bus = "pci.2", addr = "0x0", drive = "format1", id = "virtio-disk0",
    bootindex = 1,
  },
  -- fd, vhostfd: opened by whoever started it; lunik has none to hand over
  qemu.netdev { "tap", fd = "35", vhost = true, vhostfd = "37", id = "hostnet0" },
  qemu.chardev { "pty", id = "charserial0" },
  qemu.device { "isa-serial", chardev = "charserial0", id = "serial0", index = 0 },
  qemu.audiodev { "none", id = "audio1" },
  qemu.vnc { "127.0.0.1:0", audiodev = "audio1" },
  qemu.device { "virtio-vga", id = "video0", max_outputs = 1, bus = "pcie.0", addr = "0x1" },
  qemu.sandbox {
    "on", obsolete = "deny", elevateprivileges = "deny", spawn = "deny",
    resourcecontrol = "deny",
  },
  qemu.msg { timestamp = true },
}

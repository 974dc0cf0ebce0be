-- imported from daemon.sh, line 2
-- the program was /usr/local/bin/kvm, which is not here
return machine {
  defaults = false,
  -- it has a sandbox of its own
  sandbox = false,
  cpus = 5,
  memory = "1G",

  -- no option of QEMU that lunik knows
  raw { "-id", "100" },
  qemu.name { "web", debug_threads = true },
  -- with this the QEMU that lunik started ends at once, and `lunik run` with it
  qemu.daemonize {},
  qemu.pidfile { "/run/web.pid" },
  qemu.chardev { "socket", id = "qmp", path = "/run/web.qmp", server = true, wait = false },
  qemu.mon { "qmp", mode = "control" },
  qemu.object { "throttle-group", id = "slow", limits = { iops_total = 100 } },
  qemu.object { "memory-backend-memfd", id = "mem0", size = 1073741824, share = true },
  qemu.blockdev {
    "throttle", node_name = "root", throttle_group = "slow",
    file = {
      driver = "qcow2",
      file = {
        driver = "file", filename = "/srv/web, old.qcow2", aio = "io_uring",
        cache = { direct = true, no_flush = false },
      },
    },
  },
  -- backing: only JSON can say null
  raw { "-blockdev", '{"driver":"qcow2","node-name":"top","file":"x","backing":null}' },
  qemu.netdev {
    "tap", id = "net0", ifname = "tap0", script = "no", downscript = "no", vhost = true,
  },
  qemu.device {
    "virtio-net-pci", netdev = "net0", mac = "52:54:00:12:34:56", rx_queue_size = 1024,
  },
  -- stood earlier: QEMU makes devices given as JSON after the others
  qemu.device { "virtio-scsi-pci", id = "scsi", bus = "pci.0", addr = "0x5", num_queues = 4 },
  -- stood earlier: QEMU makes devices given as JSON after the others
  qemu.device { "scsi-hd", bus = "scsi.0", drive = "root", scsi_id = 0, write_cache = "on" },
  qemu.numa { "node", memdev = "mem0", cpus = { "0-1", 4 } },
  qemu.sandbox { "on", spawn = "deny" },
  -- with this it stays paused until somebody resumes it
  qemu.S {},
}

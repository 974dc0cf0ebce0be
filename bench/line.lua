-- SPDX-License-Identifier: MIT
-- lunik.argv on a command line of 66 arguments from a table that is already loaded, checks
-- included, over a C program that only makes the same strings.
local floor_argv = require "floor_argv"
local command_line = require "lunik.qemu.command_line"
local measure = require "measure"

local spec = { "qemu-system-x86_64",
  machine = { "q35", accel = "kvm", ["dump-guest-core"] = false, ["mem-merge"] = true },
  cpu = { "Haswell", "+aes", "+avx2", "-hle", "-rtm", pmu = false },
  smp = { 8, sockets = 1, cores = 4, threads = 2, maxcpus = 8 },
  m = { "8G", slots = 4, maxmem = "32G" },
  name = { "bench", ["debug-threads"] = true },
  uuid = "8d3f5a1c-0000-4000-8000-000000000001",
  ["no-user-config"] = true, nodefaults = true, S = true, ["no-shutdown"] = true,
  display = "none", vga = "none",
  rtc = { base = "utc", driftfix = "slew" },
  boot = { menu = false, strict = true },
  sandbox = { "on", obsolete = "deny", elevateprivileges = "deny", spawn = "deny",
    resourcecontrol = "deny" },
  smbios = { { type = 0, vendor = "Curds", version = "1.0", date = "01/01/2020" },
    { type = 1, manufacturer = "Whey, Inc", product = "Box", serial = "1234", family = "Boxes" },
    { type = 2, manufacturer = "Whey, Inc", product = "Board", asset = "A1" } },
  object = { { "iothread", id = "io0" }, { "rng-random", id = "rng0", filename = "/dev/urandom" } },
  drive = { { file = "/var/lib/images/root.qcow2", format = "qcow2", ["if"] = "none", id = "d0",
      cache = "none" },
    { file = "/var/lib/images/data,1.qcow2", format = "qcow2", ["if"] = "none", id = "d1" } },
  netdev = { { "tap", id = "n0", ifname = "tap0", script = "no", downscript = "no",
      vhost = true } },
  chardev = { { "socket", id = "mon", path = "/run/vm/mon.sock", server = true, wait = false },
    { "socket", id = "ser", path = "/run/vm/ser.sock", server = true, wait = false },
    { "socket", id = "ga", path = "/run/vm/ga.sock", server = true, wait = false } },
  mon = { { chardev = "mon", mode = "control" } },
  monitor = "none",
  device = { { "virtio-scsi-pci", id = "scsi0", iothread = "io0" },
    { "scsi-hd", id = "hd0", drive = "d0", bus = "scsi0.0", bootindex = 1 },
    { "scsi-hd", id = "hd1", drive = "d1", bus = "scsi0.0" },
    { "virtio-net-pci", id = "nic0", netdev = "n0", mac = "52:54:00:12:34:56" },
    { "virtio-serial-pci", id = "vs" },
    { "virtserialport", chardev = "ga", name = "org.qemu.guest_agent.0" },
    { "isa-serial", chardev = "ser", id = "com1" },
    { "virtio-rng-pci", rng = "rng0" } },
}

local argv, problems = command_line.argv(spec)
assert(argv, problems and require "lunik".text(problems))
local times = 2000
local floor, figure = measure.pairs(25,
  function() return floor_argv.strings(argv, times) / times end,
  function()
    local from = measure.now()
    for _ = 1, times do command_line.argv(spec) end
    return (measure.now() - from) / times
  end)
measure.print(("line: %d arguments, checked"):format(#argv), "us", floor, figure)
local made
local allocations = floor_argv.allocations(function() made = command_line.argv(spec) end)
print(("line: %d allocations"):format(allocations))
assert(#made == #argv)

-- Each field that a recipe can give, of the machine and of every kind of device, edited alone: what
-- that comes to for the machine that runs. A device of the start sits in a port here, so that it
-- can go where its kind can; those that do not are in change_spec.
local change = require "lunik.change"
local device = require "lunik.device"
local fakehost = require "support.fakehost"
local lunik = require "lunik"
local match = require "lunik.change.match"
local outline = require "lunik.change.outline"
local scalar = require "lunik.machine.scalar"
local shown = require "lunik.change.shown"

local START = " (is read when the machine starts)"
local FIXED = " (cannot come while the machine runs)"
local NINEP = " (a 9p mount cannot come while the machine runs: QEMU takes its directory at the "
  .. "start only; kind = \"virtiofs\" can)"

local DRIVE = " (a drive cannot come while the machine runs; its medium can: lunik cdrom)"
local FIRST, GUEST = " (is for the first boot)", " (is for the start of the guest)"

-- { field, what is written, what is written in its place, what that comes to }, by kind.
local DEVICES = {
  ["disk image"] = {
    { "file", 'file = "d.raw"',
      'id = "d", file = "e.raw"',
      "hot ~ disk d: file: /r/d.raw -> /r/e.raw" },
    { "format", 'file = "d.img", format = "raw"',
      'file = "d.qcow2", id = "d", format = "qcow2"',
      "hot ~ disk d: file: /r/d.img -> /r/d.qcow2, format: raw -> qcow2" },
    { "overlay", 'file = "d.qcow2"',
      'file = "d.qcow2", overlay = true',
      "hot ~ disk d: overlay: false -> true" },
    { "backing", 'file = "d.qcow2"',
      'file = "d.qcow2", backing = { "b.raw" }',
      'hot ~ disk d: backing: none -> {[1]="/r/b.raw"}' },
    { "size", 'file = "d.raw", create = true, size = "1G"',
      'file = "d.raw", create = true, size = "2G"',
      "hot ~ disk d: size: 1G -> 2G" },
    { "create", 'file = "d.raw"',
      'file = "d.raw", create = true, size = "1G"',
      "hot ~ disk d: size: none -> 1G, create: false -> true" },
    { "readonly", 'file = "d.raw"',
      'file = "d.raw", readonly = true',
      "hot ~ disk d: readonly: false -> true" },
    { "bus", 'file = "d.raw"',
      'file = "d.raw", bus = "scsi"',
      "hot ~ disk d: bus: virtio -> scsi" },
    { "bus", 'file = "d.raw"',
      'file = "d.raw", bus = "sata"',
      "restart ~ disk d: bus: virtio -> sata (a sata disk cannot come while the "
        .. "machine runs; virtio, scsi, nvme, usb can)" },
    { "id", 'file = "d.raw"',
      'file = "d.raw", id = "root"',
      "hot ~ disk d: id: d -> root" },
    { "serial", 'file = "d.raw"',
      'file = "d.raw", serial = "S"',
      "hot ~ disk d: serial: none -> S" },
    { "boot", 'file = "d.raw"',
      'file = "d.raw", boot = 1',
      "hot ~ disk d: boot: none -> 1" },
    { "discard", 'file = "d.raw"',
      'file = "d.raw", discard = false',
      "hot ~ disk d: discard: true -> false" },
    { "cache", 'file = "d.raw"',
      'file = "d.raw", cache = "writeback"',
      "hot ~ disk d: cache: none -> writeback" },
    { "cache", 'file = "d.raw"',
      'file = "d.raw", cache = "none"',
      'hot ~ disk d: cache: none -> "none"' },
    { "aio", 'file = "d.raw"',
      'file = "d.raw", aio = "threads"',
      "hot ~ disk d: aio: none -> threads" },
    { "detect_zeroes", 'file = "d.raw"',
      'file = "d.raw", detect_zeroes = "on"',
      "hot ~ disk d: detect_zeroes: none -> on" },
    { "install", 'file = "d.raw", create = true, size = "1G"',
      'file = "d.raw", create = true, size = "1G", install = "x.iso"',
      "restart ~ disk d: boot: none -> 0, install: none -> /r/x.iso (is for the start of a "
        .. "machine)" },
    { "iothread", 'file = "d.raw"',
      'file = "d.raw", iothread = true',
      "hot ~ disk d: iothread: false -> true" },
    { "queues", 'file = "d.raw"',
      'file = "d.raw", queues = 2',
      "hot ~ disk d: queues: none -> 2" },
    { "ssd", 'file = "d.raw", bus = "scsi"',
      'file = "d.raw", bus = "scsi", ssd = true',
      "hot ~ disk d: ssd: false -> true" },
  },
  ["cdrom drive"] = {
    { "file", 'file = "a.iso"', 'file = "b.iso"',
      "restart ~ cdrom cdrom-1: file: /r/a.iso -> /r/b.iso" .. DRIVE },
    { "bus", 'file = "a.iso"', 'file = "a.iso", bus = "scsi"',
      "restart ~ cdrom cdrom-1: bus: sata -> scsi" .. DRIVE },
    { "boot", 'file = "a.iso"', 'file = "a.iso", boot = 2',
      "restart ~ cdrom cdrom-1: boot: none -> 2" .. DRIVE },
    { "id", 'file = "a.iso"', 'file = "a.iso", id = "cd"',
      "restart + cdrom cd: file: /r/a.iso, id: cd" .. DRIVE,
      "restart - cdrom cdrom-1" .. DRIVE },
  },
  ["tpm emulator"] = {
    { "model", "", 'model = "tis"',
      "restart ~ tpm: model: none -> tis (a TPM cannot come while the machine runs: QEMU takes one "
        .. "at the start only)" },
  },
  ["ignition fw_cfg"] = {
    { "file", 'file = "a.ign"', 'file = "b.ign"',
      "restart ~ ignition: file: /r/a.ign -> /r/b.ign" .. FIRST },
  },
  ["credential systemd"] = {
    { "name", 'name = "a", value = "x"', 'name = "b", value = "x"',
      "restart ~ credential: name: a -> b" .. GUEST },
    { "value", 'name = "a", value = "x"', 'name = "a", value = "y"',
      "restart ~ credential: value: a secret -> a secret" .. GUEST },
    { "file", 'name = "a", file = "a.ign"', 'name = "a", file = "b.ign"',
      "restart ~ credential: file: /r/a.ign -> /r/b.ign" .. GUEST },
  },
  ["cloud_init nocloud"] = {
    { "user", "", 'user = "ann"', "restart ~ cloud_init: user: none -> ann" .. FIRST },
    { "keys", "", 'keys = { "ssh-ed25519 AAAA x" }',
      'restart ~ cloud_init: keys: none -> {[1]={["text"]="ssh-ed25519 AAAA x"}}' .. FIRST },
    { "password", "", 'password = "pass"',
      "restart ~ cloud_init: password: none -> a secret" .. FIRST },
    { "hostname", "", 'hostname = "box"',
      "restart ~ cloud_init: hostname: dev -> box" .. FIRST },
    { "packages", "", 'packages = { "vim" }',
      'restart ~ cloud_init: packages: none -> {[1]="vim"}' .. FIRST },
    { "run", "", 'run = { "true" }', "restart ~ cloud_init: run: none -> a secret" .. FIRST },
    { "files", "", 'files = { ["/etc/motd"] = "hi" }',
      "restart ~ cloud_init: files: none -> a secret" .. FIRST },
    { "network", "", 'network = "vm.lua"',
      "restart ~ cloud_init: network: none -> /r/vm.lua" .. FIRST },
    { "via", "", 'via = "serial", from = "/seed"',
      "restart ~ cloud_init: via: iso -> serial, from: none -> /seed/" .. FIRST },
    { "from", 'via = "serial", from = "/seed"', 'via = "serial", from = "http://10.0.2.2/"',
      "restart ~ cloud_init: from: /seed/ -> http://10.0.2.2/" .. FIRST },
    { "user_data", "", 'user_data = "vm.lua"',
      "restart ~ cloud_init: user_data: none -> /r/vm.lua" .. FIRST },
  },
  ["nic user"] = {
    { "forward", "",
      "forward = { ssh = 22 }",
      "hot + forward ssh: tcp:127.0.0.1:(chosen)->22" },
    { "isolated", "",
      "isolated = true",
      "hot ~ nic net0: isolated: false -> true" },
    { "hostname", "",
      'hostname = "box"',
      "hot ~ nic net0: hostname: none -> box" },
    { "id", "",
      'id = "lan"',
      "hot + nic lan: id: lan",
      "hot - nic net0" },
    { "mac", 'mac = "52:54:00:11:22:33"',
      'mac = "52:54:00:11:22:34"',
      "hot ~ nic net0: mac: 52:54:00:11:22:33 -> 52:54:00:11:22:34" },
    { "model", "",
      'model = "e1000"',
      "hot ~ nic net0: model: virtio-net-pci -> e1000" },
    { "kind", "",
      'kind = "bridge"',
      "hot ~ nic net0: bridge: none -> br0, kind: user -> bridge" },
  },
  ["nic tap"] = {
    { "ifname", 'kind = "tap", ifname = "tap0"',
      'kind = "tap", ifname = "tap1"',
      "hot ~ nic net0: ifname: tap0 -> tap1" },
    { "id", 'kind = "tap", ifname = "tap0"',
      'kind = "tap", ifname = "tap0", id = "lan"',
      "hot + nic lan: ifname: tap0, id: lan, kind: tap",
      "hot - nic net0" },
    { "mac", 'kind = "tap", ifname = "tap0", mac = "52:54:00:11:22:33"',
      'kind = "tap", ifname = "tap0", mac = "52:54:00:11:22:34"',
      "hot ~ nic net0: mac: 52:54:00:11:22:33 -> 52:54:00:11:22:34" },
    { "model", 'kind = "tap", ifname = "tap0"',
      'kind = "tap", ifname = "tap0", model = "e1000"',
      "hot ~ nic net0: model: virtio-net-pci -> e1000" },
    { "kind", 'id = "n", kind = "tap", ifname = "tap0"',
      'id = "n"',
      "hot ~ nic n: isolated: none -> false, kind: tap -> user" },
  },
  ["nic bridge"] = {
    { "bridge", 'kind = "bridge"',
      'kind = "bridge", bridge = "br1"',
      "hot ~ nic net0: bridge: br0 -> br1" },
    { "id", 'kind = "bridge"',
      'kind = "bridge", id = "lan"',
      "hot + nic lan: id: lan, kind: bridge",
      "hot - nic net0" },
    { "mac", 'kind = "bridge", mac = "52:54:00:11:22:33"',
      'kind = "bridge", mac = "52:54:00:11:22:34"',
      "hot ~ nic net0: mac: 52:54:00:11:22:33 -> 52:54:00:11:22:34" },
    { "model", 'kind = "bridge"',
      'kind = "bridge", model = "e1000"',
      "hot ~ nic net0: model: virtio-net-pci -> e1000" },
    { "kind", 'id = "n", kind = "bridge"',
      'id = "n"',
      "hot ~ nic n: isolated: none -> false, kind: bridge -> user" },
  },
  ["mount virtiofs"] = {
    { "from", 'from = "src", to = "/work"',
      'from = "lib", to = "/work"',
      "hot ~ mount work: from: /r/src -> /r/lib" },
    { "to", 'from = "src", to = "/work"',
      'from = "src", to = "/else", tag = "work"',
      "hot ~ mount work: to: /work -> /else" },
    { "tag", 'from = "src", to = "/work"',
      'from = "src", to = "/work", tag = "w"',
      "hot ~ mount work: tag: work -> w" },
    { "readonly", 'from = "src", to = "/work"',
      'from = "src", to = "/work", readonly = true',
      "hot ~ mount work: readonly: false -> true" },
    { "cache", 'from = "src", to = "/work"',
      'from = "src", to = "/work", cache = "always"',
      "hot ~ mount work: cache: auto -> always" },
    { "owner", 'from = "src", to = "/work"',
      'from = "src", to = "/work", owner = "0:0"',
      "hot ~ mount work: owner: none -> 0:0" },
    { "xattr", 'from = "src", to = "/work"',
      'from = "src", to = "/work", xattr = false',
      "hot ~ mount work: xattr: true -> false" },
    { "posix_acl", 'from = "src", to = "/work"',
      'from = "src", to = "/work", posix_acl = true',
      "hot ~ mount work: posix_acl: false -> true" },
    { "announce_submounts", 'from = "src", to = "/work"',
      'from = "src", to = "/work", announce_submounts = true',
      "hot ~ mount work: announce_submounts: none -> true" },
    { "announce_submounts", 'from = "src", to = "/work"',
      'from = "src", to = "/work", announce_submounts = false',
      "hot ~ mount work: announce_submounts: none -> false" },
    { "devices", 'from = "src", to = "/work"',
      'from = "src", to = "/work", devices = true',
      "hot ~ mount work: devices: false -> true" },
    { "suid", 'from = "src", to = "/work"',
      'from = "src", to = "/work", suid = true',
      "hot ~ mount work: suid: false -> true" },
    { "on_death", 'from = "src", to = "/work"',
      'from = "src", to = "/work", on_death = "stop"',
      "hot ~ mount work: on_death: report -> stop" },
    { "kind", 'from = "src", to = "/work"',
      'from = "src", to = "/work", kind = "9p"',
      "restart ~ mount work: security: none -> mapped-xattr, kind: virtiofs -> 9p" .. NINEP },
  },
  ["mount 9p"] = {
    { "from", 'kind = "9p", from = "src", to = "/work"',
      'kind = "9p", from = "lib", to = "/work"',
      "restart ~ mount work: from: /r/src -> /r/lib" .. NINEP },
    { "to", 'kind = "9p", from = "src", to = "/work"',
      'kind = "9p", from = "src", to = "/else", tag = "work"',
      "restart ~ mount work: to: /work -> /else" .. NINEP },
    { "tag", 'kind = "9p", from = "src", to = "/work"',
      'kind = "9p", from = "src", to = "/work", tag = "w"',
      "restart ~ mount work: tag: work -> w" .. NINEP },
    { "readonly", 'kind = "9p", from = "src", to = "/work"',
      'kind = "9p", from = "src", to = "/work", readonly = true',
      "restart ~ mount work: readonly: false -> true" .. NINEP },
    { "security", 'kind = "9p", from = "src", to = "/work"',
      'kind = "9p", from = "src", to = "/work", security = "none"',
      "restart ~ mount work: security: mapped-xattr -> none" .. NINEP },
    { "kind", 'kind = "9p", from = "src", to = "/work"',
      'from = "src", to = "/work"',
      "hot ~ mount work: cache: none -> auto, xattr: none -> true, posix_acl: none -> "
        .. "false, devices: none -> false, suid: none -> false, on_death: none -> report, "
        .. "kind: 9p -> virtiofs" },
  },
  ["console serial"] = {
    { "log", "",
      'log = "c.log"',
      "restart ~ console: log: none -> /r/c.log" .. FIXED },
    { "kind", "",
      'kind = "virtio"',
      "restart + console: kind: virtio" .. FIXED,
      "restart - console" .. FIXED },
  },
  ["console virtio"] = {
    { "log", 'kind = "virtio"',
      'kind = "virtio", log = "c.log"',
      "restart ~ console: log: none -> /r/c.log" .. FIXED },
    { "kind", 'kind = "virtio"',
      "",
      "restart + console" .. FIXED,
      "restart - console" .. FIXED },
  },
  ["serial file"] = {
    { "file", 'file = "s.log"',
      'file = "t.log"',
      "restart ~ serial: file: /r/s.log -> /r/t.log" .. FIXED },
    { "append", 'file = "s.log"',
      'file = "s.log", append = true',
      "restart ~ serial: append: false -> true" .. FIXED },
    { "kind", 'file = "s.log"',
      'kind = "socket", socket = "s.sock"',
      "restart + serial: socket: /r/s.sock, kind: socket" .. FIXED,
      "restart - serial" .. FIXED },
  },
  ["serial socket"] = {
    { "socket", 'kind = "socket", socket = "s.sock"',
      'kind = "socket", socket = "t.sock"',
      "restart ~ serial: socket: /r/s.sock -> /r/t.sock" .. FIXED },
    { "kind", 'kind = "socket", socket = "s.sock"',
      'file = "s.log"',
      "restart + serial: file: /r/s.log" .. FIXED,
      "restart - serial" .. FIXED },
  },
  ["usb emulated"] = {
    { "model", 'id = "t"',
      'id = "t", model = "usb-kbd"',
      "hot ~ usb t: model: usb-tablet -> usb-kbd" },
    { "id", 'id = "t"',
      'id = "u"',
      "hot + usb u: id: u",
      "hot - usb t" },
    { "kind", 'id = "t"',
      'id = "t", kind = "host", device = "1234:5678"',
      "hot ~ usb t: device: none -> 1234:5678, kind: emulated -> host" },
  },
  ["usb host"] = {
    { "device", 'id = "t", kind = "host", device = "1234:5678"',
      'id = "t", kind = "host", device = "1234:5679"',
      "hot ~ usb t: device: 1234:5678 -> 1234:5679" },
    { "where", 'id = "t", kind = "host", where = "1-2"',
      'id = "t", kind = "host", where = "1-3"',
      "hot ~ usb t: where: 1-2 -> 1-3" },
    { "id", 'id = "t", kind = "host", device = "1234:5678"',
      'id = "u", kind = "host", device = "1234:5678"',
      "hot + usb u: device: 1234:5678, id: u, kind: host",
      "hot - usb t" },
    { "kind", 'id = "t", kind = "host", device = "1234:5678"',
      'id = "t"',
      "hot ~ usb t: model: none -> usb-tablet, kind: host -> emulated" },
  },
  ["memory dimm"] = {
    { "size", 'size = "1G"',
      'size = "2G"',
      "hot ~ memory mem-1: size: 1G -> 2G" },
    { "id", 'size = "1G"',
      'size = "1G", id = "m"',
      "hot + memory m: size: 1G, id: m",
      "hot - memory mem-1" },
    { "kind", 'size = "1G"',
      'size = "1G", kind = "virtio-mem"',
      "hot ~ memory mem-1: kind: dimm -> virtio-mem" },
  },
  ["memory virtio-mem"] = {
    { "size", 'kind = "virtio-mem", size = "1G"',
      'kind = "virtio-mem", size = "2G"',
      "hot ~ memory mem-1: size: 1G -> 2G" },
    { "id", 'kind = "virtio-mem", size = "1G"',
      'kind = "virtio-mem", size = "1G", id = "m"',
      "hot + memory m: size: 1G, id: m, kind: virtio-mem",
      "hot - memory mem-1" },
    { "requested", 'kind = "virtio-mem", size = "1G"',
      'kind = "virtio-mem", size = "1G", requested = "512M"',
      "hot ~ memory mem-1: requested: none -> 512M" },
    { "kind", 'kind = "virtio-mem", size = "1G"',
      'size = "1G"',
      "hot ~ memory mem-1: kind: virtio-mem -> dimm" },
  },
  ["balloon virtio"] = {
    { "free_page_reporting", "",
      "free_page_reporting = false",
      "hot ~ balloon balloon: free_page_reporting: true -> false" },
    { "deflate_on_oom", "",
      "deflate_on_oom = true",
      "hot ~ balloon balloon: deflate_on_oom: false -> true" },
    { "id", "",
      'id = "b"',
      "hot + balloon b: id: b",
      "hot - balloon balloon" },
  },
  ["agent qemu"] = {
    { "channel", "",
      'channel = "org.example.agent"',
      "restart ~ agent: channel: org.qemu.guest_agent.0 -> org.example.agent" .. FIXED },
  },
  ["ssh forward"] = {
    { "user", 'user = "root"',
      'user = "me"',
      "restart ~ ssh: user: root -> me" .. FIXED },
    { "key", 'user = "root"',
      'user = "root", key = "id_k"',
      "restart ~ ssh: key: none -> /r/id_k" .. FIXED },
    { "port", 'user = "root"',
      'user = "root", port = 2222',
      "hot - forward ssh: tcp:127.0.0.1:(chosen)->22",
      "hot + forward ssh: tcp:127.0.0.1:(chosen)->2222",
      "restart ~ ssh: port: 22 -> 2222" .. FIXED },
  },
  ["hotplug pcie"] = {
    { "ports", 'ports = 4, memory = "4G", cpus = 4',
      'ports = 8, memory = "4G", cpus = 4',
      "restart ~ hotplug: ports: 4 -> 8" .. START },
    { "memory", 'ports = 4, memory = "4G", cpus = 4',
      'ports = 4, memory = "8G", cpus = 4',
      "restart ~ hotplug: memory: 4G -> 8G" .. START },
    { "cpus", 'ports = 4, memory = "4G", cpus = 4',
      'ports = 4, memory = "4G", cpus = 2',
      "restart ~ hotplug: cpus: 4 -> 2" .. START },
    { "scsi", 'ports = 4, memory = "4G", cpus = 4',
      'ports = 4, memory = "4G", cpus = 4, scsi = true',
      "restart ~ hotplug: scsi: false -> true" .. START },
    { "usb", 'ports = 4, memory = "4G", cpus = 4',
      'ports = 4, memory = "4G", cpus = 4, usb = true',
      "restart ~ hotplug: usb: false -> true" .. START },
    { "keep", 'ports = 4, memory = "4G", cpus = 4',
      'ports = 4, memory = "4G", cpus = 4, keep = true',
      "restart ~ hotplug: keep: false -> true" .. START },
    { "mount", 'ports = 4, memory = "4G", cpus = 4',
      'ports = 4, memory = "4G", cpus = 4, mount = function() return true end',
      "hot ~ hotplug: mount: none -> a policy" },
    { "disk", 'ports = 4, memory = "4G", cpus = 4',
      'ports = 4, memory = "4G", cpus = 4, disk = function() return true end',
      "hot ~ hotplug: disk: none -> a policy" },
    { "nic", 'ports = 4, memory = "4G", cpus = 4',
      'ports = 4, memory = "4G", cpus = 4, nic = function() return true end',
      "hot ~ hotplug: nic: none -> a policy" },
    { "chardev", 'ports = 4, memory = "4G", cpus = 4',
      'ports = 4, memory = "4G", cpus = 4, chardev = function() return true end',
      "hot ~ hotplug: chardev: none -> a policy" },
    { "device", 'ports = 4, memory = "4G", cpus = 4',
      'ports = 4, memory = "4G", cpus = 4, device = function() return true end',
      "hot ~ hotplug: device: none -> a policy" },
    { "any", 'ports = 4, memory = "4G", cpus = 4',
      'ports = 4, memory = "4G", cpus = 4, any = function() return true end',
      "hot ~ hotplug: any: none -> a policy" },
  },
  ["template prepared"] = {
    { "prepare", "prepare = function() return 1 end", "prepare = function() return 2 end",
      "restart ~ template: prepare: a function -> another function" .. START },
    { "ready", "", "ready = function() return true end",
      "restart ~ template: ready: none -> a function" .. START },
    { "keep", 'keep = "7d"', 'keep = "8d"',
      "restart ~ template: keep: 604800 -> 691200" .. START },
  },
}

-- Of the machine: { field, what is written, what is written in its place, what that comes to }.
local SCALARS = {
  { "name", 'name = "dev"', 'name = "other"',
      "refused ~ name: dev -> other (it would be another machine)" },
  { "arch", 'accel = "tcg"', 'accel = "tcg", arch = "aarch64"',
      "restart ~ arch: x86_64 -> aarch64" .. START },
  { "type", 'type = "q35"', 'type = "pc"',
      "restart ~ type: q35 -> pc" .. START },
  { "accel", 'accel = "tcg"', 'accel = "kvm"',
      "restart ~ accel: tcg -> kvm" .. START },
  { "cpu", 'cpu = "max"', 'cpu = "qemu64"',
      "restart ~ cpu: max -> qemu64" .. START },
  { "cpus", "cpus = 2", "cpus = 4",
      "hot ~ cpus: 2 -> 4" },
  { "memory", 'memory = "1G"', 'memory = "2G"',
      "hot ~ memory: 1G -> 2G" },
  { "uuid", 'append = "a"', 'append = "a", uuid = "11111111-2222-3333-4444-555555555555"',
      "restart ~ uuid: none -> 11111111-2222-3333-4444-555555555555" .. START },
  { "firmware", 'firmware = "a.bin"', 'firmware = "b.bin"',
      "restart ~ firmware: /r/a.bin -> /r/b.bin" .. START },
  { "kernel", 'kernel = "vmlinuz"', 'kernel = "vmlinuz2"',
      "restart ~ kernel: /r/vmlinuz -> /r/vmlinuz2" .. START },
  { "initrd", 'kernel = "vmlinuz", initrd = "a.img"', 'kernel = "vmlinuz", initrd = "b.img"',
      "restart ~ initrd: /r/a.img -> /r/b.img" .. START },
  { "append", 'append = "a"', 'append = "b"',
      "restart ~ append: a -> b" .. START },
  { "display", 'display = "none"', 'display = "gtk"',
      "restart ~ display: none -> gtk" .. START },
  { "defaults", "defaults = true", "defaults = false",
      "restart ~ defaults: true -> false" .. START,
      "restart - console" .. FIXED },
  { "firmware", 'firmware = "bios"', 'firmware = "f.rom"',
      "restart ~ firmware: bios -> /r/f.rom" .. START },
  { "windows", 'windows = true', 'windows = { drivers = "d.iso" }',
      "restart ~ windows: true -> { drivers = '/r/d.iso' }" .. START,
      "restart + cdrom drivers: file: /r/d.iso, id: drivers" .. DRIVE },
  { "sandbox", "sandbox = true", "sandbox = false",
      "restart ~ sandbox: true -> false" .. START },
  { "qemu", 'qemu = "a.bin"', 'qemu = "b.bin"',
      "restart ~ qemu: /r/a.bin -> /r/b.bin" .. START },
  { "paused", "paused = false", "paused = true",
      "restart ~ paused: false -> true" .. START },
  { "gdb", "gdb = true", "gdb = 1234",
      "restart ~ gdb: true -> 1234" .. START },
  { "ready", 'ready = "qmp"', 'ready = "console: login:"',
      'restart ~ ready: {["kind"]="qmp"} -> {["kind"]="console",["pattern"]="login:"}' .. START },
  { "ready_within", "ready_within = 10", "ready_within = 20",
      "restart ~ ready_within: 10 -> 20" .. START },
  { "signs", 'signs = "zfs>"', 'signs = { "zfs>", { text = "lost" } }',
      "restart ~ signs: { 'zfs>' } -> { 'zfs>', 'lost' }" .. START },
  { "stop", "stop = { powerdown = 10 }", "stop = { powerdown = 20 }",
      'restart ~ stop: {["powerdown"]=10} -> {["powerdown"]=20}' .. START },
  { "life", 'life = "1m"', 'life = "2m"', "restart ~ life: 60 -> 120" .. START },
  { "on_host_shutdown", 'on_host_shutdown = "stop"', 'on_host_shutdown = "save"',
      "restart ~ on_host_shutdown: stop -> save" .. START },
  { "results", 'results = "/a"', 'results = "/b"',
      "restart ~ results: /a -> /b" .. START },
}

local IGNITION = '{"ignition":{"version":"3.3.0"}}'

local MACHINE = [[return machine { name = "dev", cpus = 2, memory = "1G", %s,
  hotplug { ports = 4, memory = "4G", cpus = 4, usb = true, scsi = true } }]]

local function read(text)
  local host = fakehost.new { files = { ["/r/vm.lua"] = text, ["/r/a.ign"] = IGNITION,
    ["/r/b.ign"] = IGNITION } }
  local machine, problems = lunik.load("/r/vm.lua", { host = host })
  assert(machine, machine or text .. "\n" .. lunik.text(problems))
  return outline.of(machine, { host = host })
end

-- What is known of a machine that was started so, each of its devices in a port.
local function state_of(runs)
  local state = { devices = {}, network = "net0", cpus = 2, ready = true, late = function() end }
  for _, item in ipairs(runs.items) do
    if not item.fixed or item.family == "mount" then state.devices[match.key(item)] = {} end
  end
  return state
end

local function differences(before, after)
  local runs = read(before)
  return (change.between(runs, read(after), state_of(runs)))
end

-- Whether a change says something of a field. A device in the place of another has all of its own.
local function is_about(entry, field)
  if entry.sign ~= "~" then return true end
  for _, one in ipairs(entry.details) do
    if one.field == field then return true end
  end
  return entry.what == field
end

local function comes_to(case, before, after)
  local lines, about = {}, false
  for i, entry in ipairs(differences(before, after)) do
    lines[i] = ("%s %s"):format(entry.fate, shown.line(entry))
    about = about or is_about(entry, case[1])
  end
  assert.same({ table.unpack(case, 4) }, lines)
  assert.is_true(about)
end

-- The recipe with a device, which may need another beside it.
local function recipe(kind, fields)
  local family = kind:match "^[%w_]+"
  if family == "ssh" then fields = fields .. " }, nic {" end
  if family == "hotplug" then
    return (MACHINE:gsub("hotplug %b{}", function() return "hotplug { " .. fields .. " }" end)
                   :format "defaults = true")
  end
  return MACHINE:format(("%s { %s }"):format(family, fields))
end

local function fields_of(kind)
  local left = {}
  for _, row in ipairs(device.row(kind:match "(%S+) (%S+)").known) do left[row.name] = true end
  return left
end

-- Whether a recipe cannot have one at all.
local function is_for_running(family)
  local host = fakehost.new {
    files = { ["/r/vm.lua"] = ("return machine { %s {} }"):format(family) } }
  local _, problems = lunik.load("/r/vm.lua", { host = host })
  return problems and lunik.text(problems):find("is for machines that run", 1, true) ~= nil
end

describe("a field of a device, edited", function()
  for kind, cases in pairs(DEVICES) do
    for _, case in ipairs(cases) do
      it(("comes to what it is: %s, %s"):format(kind, case[3]), function()
        comes_to(case, recipe(kind, case[2]), recipe(kind, case[3]))
      end)
    end
  end

  it("is among these, whichever it is that a recipe can have", function()
    for _, family in ipairs(device.families) do
      for _, each in ipairs(device.family(family).kinds) do
        local kind = family .. " " .. each
        local left = fields_of(kind)
        for _, case in ipairs(DEVICES[kind] or {}) do left[case[1]] = nil end
        if not is_for_running(family) then assert.same({}, left, kind) end
      end
    end
  end)
end)

describe("a field of the machine, edited", function()
  for _, case in ipairs(SCALARS) do
    it("comes to what it is: " .. case[3], function()
      comes_to(case, MACHINE:format(case[2]), MACHINE:format(case[3]))
    end)
  end

  it("is among these, whichever it is", function()
    local left = {}
    for _, row in ipairs(scalar) do left[row.name] = true end
    for _, case in ipairs(SCALARS) do left[case[1]] = nil end
    assert.same({}, left)
  end)
end)

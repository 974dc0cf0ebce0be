-- SPDX-License-Identifier: MIT
-- A machine held against a host: what is said, word for word.
local codes = require "lunik.machine.look.codes"
local fakehost = require "support.fakehost"
local lunik = require "lunik"
local scratch = require "support.scratch"

local folder = "/home/dev/vm"

local dir

before_each(function() dir = scratch.new() end)
after_each(function() scratch.remove(dir) end)

local used = {}

-- What is found of the items of a recipe: errors, then warnings, as text.
local function found(items, over, wanted)
  scratch.write(dir .. "/vm.lua", ("return machine { sandbox = false, %s }"):format(items))
  local plan, problems = lunik.plan(folder .. "/vm.lua", { dir = folder, anyway = true,
    look = wanted == nil or wanted, host = fakehost.new(over, { [folder] = dir }) })
  assert(plan, problems and lunik.text(problems))
  local lines = {}
  for name, list in pairs { error = plan.lacks, warning = plan.warnings } do
    for _, problem in ipairs(list) do
      assert.is_string(problem.code, problem.why)
      assert.equal("host", problem.about)
      used[problem.code] = true
      local text = lunik.text { problem }:gsub("^vm.lua:1: ", ""):gsub("^" .. folder
        .. "/vm.lua:1: ", "")
      lines[#lines + 1] = (name == "warning" and "warning: " or "") .. text
    end
  end
  table.sort(lines)
  return table.concat(lines, "\n")
end

-- A qcow2 image over a base.
local function over(base)
  return (">c4I4I8I4"):pack("QFI\xfb", 2, 72, #base) .. ("\0"):rep(52) .. base
end

local function drive(rest) return "qemu.drive { id = 'd', ['if'] = 'none', " .. rest .. " }" end

local strings = "qemu.smbios { type = 11, value = { ('x'):rep(20000), ('y'):rep(20016) } }"
local direct = ", qemu.kernel { '/k' }, qemu.initrd { '/i' }"
local DIRECT = { files = { ["/k"] = "\x7fELF\2" .. ("\0"):rep(13) .. "\x3e\0", ["/i"] = "i" } }

local cases = {
  { "a file that this user may not read", "qemu.kernel { 'k.elf' }",
    { files = { ["/home/dev/vm/k.elf"] = "\x7fELF\2" .. ("\0"):rep(13) .. "\x3e\0" },
      denied = { ["/home/dev/vm/k.elf"] = "r" } },
    "qemu.kernel: '/home/dev/vm/k.elf' cannot be read by dev: Permission denied" },
  { "a file that is written in a folder that is not there", "qemu.pidfile { 'missing/vm.pid' }", {},
    "qemu.pidfile: no such directory '/home/dev/vm/missing'" },
  { "a folder where nothing can be made", "qemu.D { '/srv/q-missing' }",
    { denied = { ["/srv"] = "w" } },
    "qemu.D: nothing can be made in '/srv' by dev: Permission denied" },
  { "a log that may not be written", "qemu.chardev { 'file', id = 'c', path = '/srv/a.log' }",
    { denied = { ["/srv/a.log"] = "w" } },
    "qemu.chardev.path: '/srv/a.log' cannot be written by dev: Permission denied" },
  { "a log that is a directory", "qemu.serial { 'file:/srv' }", {},
    "qemu.serial.path: '/srv' is a directory" },
  { "memory in a folder that is not there",
    "qemu.object { 'memory-backend-file', id = 'm', size = '1M', ['mem-path'] = '/missing/x' }", {},
    "qemu.object.mem-path: no such directory '/missing'" },
  { "firmware that nobody has", "qemu.bios { 'missing.bin' }", {},
    "qemu.bios: no such file 'missing.bin', nor is there one in /usr/share/qemu" },
  { "an image that may not be written", drive "file = '/srv/a.img', format = 'raw'",
    { denied = { ["/srv/a.img"] = "w" } },
    "qemu.drive.file: '/srv/a.img' cannot be written by dev: Permission denied; readonly='on' has "
    .. "it read only" },
  { "nothing where that is only read",
    drive "file = '/srv/a.img', format = 'raw', readonly = true",
    { denied = { ["/srv/a.img"] = "w" } }, "" },
  { "an image of another format", drive "file = '/srv/a.img', format = 'qcow2'", {},
    "qemu.drive.file: '/srv/a.img' is not a qcow2 image: it looks like 'raw'" },
  { "another format by a node",
    "qemu.blockdev { 'file', node_name = 'f', filename = '/srv/a.qcow2' }, "
    .. "qemu.blockdev { 'vmdk', node_name = 'v', file = 'f' }", {},
    "qemu.blockdev.filename: '/srv/a.qcow2' is not a vmdk image: it looks like 'qcow2'" },
  { "raw that is none", drive "file = '/srv/a.qcow2', format = 'raw'", {},
    "warning: qemu.drive.file: '/srv/a.qcow2' looks like 'qcow2', and is used as raw: the guest "
    .. "would see the image's own header" },
  { "a format that is guessed", drive "file = '/srv/a.img'", {},
    "warning: qemu.drive.file: the format of '/srv/a.img' is left to guessing by its first bytes, "
    .. "which a guest can write: say format='raw'" },
  { "an empty image", drive "file = '/srv/a.img', format = 'raw'",
    { files = { ["/srv/a.img"] = "" } },
    "warning: qemu.drive.file: '/srv/a.img' is empty: the guest gets a disk of no size" },
  { "a base image that is gone", drive "file = '/srv/a.qcow2', format = 'qcow2'",
    { files = { ["/srv/a.qcow2"] = over "base-missing.qcow2" } },
    "qemu.drive.file: the base image of a.qcow2 is missing: 'base-missing.qcow2'" },
  { "a base image of a base image", drive "file = '/srv/a.qcow2', format = 'qcow2'",
    { files = { ["/srv/a.qcow2"] = over "b.qcow2", ["/srv/b.qcow2"] = over "/x/a.qcow2" },
      denied = { ["/x/a.qcow2"] = "r" } },
    "qemu.drive.file: the base image of b.qcow2 cannot be read by dev: '/x/a.qcow2': Permission "
    .. "denied" },
  { "an image that is its own base", drive "file = '/srv/a.qcow2', format = 'qcow2'",
    { files = { ["/srv/a.qcow2"] = over "a.qcow2" } },
    "qemu.drive.file: '/srv/a.qcow2' is its own base image" },
  { "an image that another machine has", "disk { file = '/srv/a.qcow2' }",
    { locks = { ["/srv/a.qcow2"] = { [201] = true, by = { pid = 7, name = "qemu-system-x86",
      machine = "web" } } } },
    "disk.file: '/srv/a.qcow2' is in use: machine 'web' has it (pid 7)" },
  { "less of that where it is this machine, which runs",
    "name = 'dev', disk { file = '/srv/a.qcow2' }, nic { forward = { ['8080'] = 80 } }",
    { locks = { ["/srv/a.qcow2"] = { [201] = true, by = { pid = 7, machine = "dev" } } },
      ports = { ["tcp 127.0.0.1:8080"] = "taken" },
      holder = { pid = 7, name = "q", machine = "dev" } },
    "warning: disk.file: '/srv/a.qcow2' is in use: this machine has it, which runs (pid 7)\n"
    .. "warning: nic.forward: port 8080 of 127.0.0.1 is in use: this machine has it, which runs "
    .. "(pid 7)" },
  { "nothing where both only read", "disk { file = '/srv/a.qcow2', readonly = true }",
    { locks = { ["/srv/a.qcow2"] = { [201] = true, by = {} } } }, "" },
  { "an image that somebody writes and this only reads",
    "disk { file = '/srv/a.qcow2', readonly = true }",
    { locks = { ["/srv/a.qcow2"] = { [101] = true, by = {} } } },
    "disk.file: '/srv/a.qcow2' is in use" },
  { "nothing where others may have it",
    "disk { file = '/srv/a.qcow2', id = 'a' }, qemu.device { 'scsi-hd', ['share-rw'] = true, "
    .. "drive = 'a' }",
    { locks = { ["/srv/a.qcow2"] = { [201] = true, by = {} } } }, "" },
  { "one image for two disks", "disk { file = '/srv/a.qcow2' }, "
    .. drive "file = '/srv/../srv/a.qcow2', format = 'qcow2'", {},
    "qemu.drive.file: '/srv/../srv/a.qcow2' is used twice, and written: QEMU lets one disk have "
    .. "it" },
  { "firmware that is too large", "qemu.pflash { 'a.fd' }, qemu.pflash { 'b.fd' }",
    { stamps = { ["/home/dev/vm/a.fd"] = { bytes = 4 << 20 },
      ["/home/dev/vm/b.fd"] = { bytes = 5 << 20 } } },
    "qemu.pflash: '/home/dev/vm/b.fd' has 5M: the firmware of a PC has at most 8M in all" },
  { "a forward's port that is in use", "nic { forward = { ['8080'] = 80 } }",
    { ports = { ["tcp 127.0.0.1:8080"] = "taken" }, holder = { pid = 9, name = "nginx" } },
    "nic.forward: port 8080 of 127.0.0.1 is in use: nginx has it (pid 9)" },
  { "a port of QEMU's own that is in use, and one of UDP that is not allowed",
    "qemu.netdev { 'user', id = 'n', hostfwd = { 'tcp::2222-:22', 'udp:127.0.0.1:53-:53' } }",
    { ports = { ["tcp :2222"] = "taken", ["udp 127.0.0.1:53"] = "denied" } },
    "qemu.netdev.hostfwd: UDP port 53 may not be listened on by dev: those below 1024 are root's\n"
    .. "qemu.netdev.hostfwd: port 2222 of all addresses is in use" },
  { "a port that root has", "qemu.netdev { 'user', id = 'n', hostfwd = 'udp:127.0.0.1:53-:53' }",
    { ports = { ["udp 127.0.0.1:53"] = "denied" } },
    "qemu.netdev.hostfwd: UDP port 53 may not be listened on by dev: those below 1024 are root's" },
  { "an address of another host", "nic { forward = { a = { guest = 80, host = 8080, "
    .. "address = '192.0.2.1' } } }", { ports = { ["tcp 192.0.2.1:8080"] = "elsewhere" } },
    "nic.forward: 192.0.2.1 is no address of this host, so nothing can listen on it" },
  { "one port twice", "qemu.vnc { '127.0.0.1:1' }, "
    .. "qemu.netdev { 'user', id = 'n', hostfwd = 'tcp:0.0.0.0:5901-:22' }", {},
    "qemu.netdev.hostfwd: port 5901 of 0.0.0.0 is listened on twice" },
  { "the displays of VNC, as far as they go", "qemu.vnc { '127.0.0.1:1', to = 3 }",
    { ports = { ["tcp 127.0.0.1:5901"] = "taken", ["tcp 127.0.0.1:5902"] = "taken",
      ["tcp 127.0.0.1:5903"] = "taken" } },
    "qemu.vnc: port 5901 of 127.0.0.1 is in use" },
  { "nothing where a later display is free", "qemu.vnc { '127.0.0.1:1', to = 3 }",
    { ports = { ["tcp 127.0.0.1:5901"] = "taken" } }, "" },
  { "the debugger's port", "qemu.s {}", { ports = { ["tcp :1234"] = "taken" } },
    "qemu.s: gdb: port 1234 of all addresses is in use" },
  { "the debugger's port as a field", "gdb = 1234",
    { ports = { ["tcp 127.0.0.1:1234"] = "taken" } },
    "machine.gdb: port 1234 of 127.0.0.1 is in use" },
  { "SPICE's ports", "qemu.spice { port = 5930, disable_ticketing = true }",
    { ports = { ["tcp :5930"] = "taken" } },
    "qemu.spice.port: port 5930 of all addresses is in use" },
  { "a migration's port", "qemu.incoming { 'tcp:127.0.0.1:4444' }",
    { ports = { ["tcp 127.0.0.1:4444"] = "taken" } },
    "qemu.incoming: port 4444 of 127.0.0.1 is in use" },
  { "nobody at a port of this host", "qemu.chardev { 'socket', id = 'c', host = '127.0.0.1', "
    .. "port = '99' }", {}, "qemu.chardev.port: nobody listens on port 99 of 127.0.0.1" },
  { "a socket of a machine that runs", "qemu.qmp { 'unix:/srv/q.sock,server=on,wait=off' }",
    { kinds = { ["/srv/q.sock"] = "socket" }, sockets = { ["/srv/q.sock"] = { pid = 4,
      name = "qemu", machine = "db" } } },
    "qemu.qmp.path: somebody listens on '/srv/q.sock' already: machine 'db' has it (pid 4); QEMU "
    .. "would take it over" },
  { "nothing where a socket was left behind", "qemu.qmp { 'unix:/srv/q.sock,server=on,wait=off' }",
    { kinds = { ["/srv/q.sock"] = "socket" } }, "" },
  { "a file in a socket's place", "serial { kind = 'socket', socket = '/srv/notes.txt' }", {},
    "serial.socket: '/srv/notes.txt' is a file, which QEMU would remove" },
  { "a long path of a socket", ("qemu.chardev { 'socket', id = 'c', path = '/%s' }"):format(
    ("s"):rep(107)), {}, "qemu.chardev.path: a socket's path has at most 107 bytes, this has 108" },
  { "nobody at a socket", "qemu.chardev { 'socket', id = 'c', path = '/srv/d.sock' }",
    { kinds = { ["/srv/d.sock"] = "socket" } },
    "qemu.chardev.path: nobody listens on '/srv/d.sock'" },
  { "less of that where QEMU tries again",
    "qemu.chardev { 'socket', id = 'c', path = '/srv/d.sock', reconnect = 1 }",
    { kinds = { ["/srv/d.sock"] = "socket" } },
    "warning: qemu.chardev.path: nobody listens on '/srv/d.sock'" },
  { "a socket that is not there", "qemu.netdev { 'stream', id = 'n', "
    .. "addr = { type = 'unix', path = '/missing.sock' } }", {},
    "qemu.netdev.addr.path: no such socket '/missing.sock'" },
  { "a tap that is none", "nic { kind = 'tap', ifname = 'eth0' }", { links = { eth0 = {} } },
    "nic.ifname: 'eth0' is an interface, and no tap" },
  { "a tap that is not there", "nic { kind = 'tap', ifname = 'tap1' }", {},
    "nic.ifname: no tap interface 'tap1' on this host; did you mean 'tap0'?" },
  { "a tap of another user", "nic { kind = 'tap', ifname = 'tap0' }",
    { links = { tap0 = { tap = true, owner = 1 } } }, "nic.ifname: 'tap0' belongs to user 1" },
  { "a tap that another machine has", "nic { kind = 'tap', ifname = 'tap0' }",
    { links = { tap0 = { tap = true } }, interfaces_of = { tap0 = { pid = 7, name = "qemu",
      machine = "web" } } },
    "nic.ifname: 'tap0' is in use: machine 'web' has it (pid 7)" },
  { "a tap of several queues", "qemu.netdev { 'tap', id = 'n', ifname = 'tap0', queues = 2, "
    .. "script = 'no', downscript = 'no' }",
    { links = { tap0 = { tap = true } }, interfaces_of = { tap0 = { pid = 7, name = "qemu" } } },
    "" },
  { "no way to a tap", "nic { kind = 'tap', ifname = 'tap0' }",
    { denied = { ["/dev/net/tun"] = "w" } },
    "nic.ifname: /dev/net/tun may not be used by dev: Permission denied" },
  { "vhost without its device",
    "qemu.netdev { 'tap', id = 'n', ifname = 'tap0', script = 'no', downscript = 'no', "
    .. "vhost = true }", { links = { tap0 = { tap = true } },
      files = { ["/dev/vhost-net"] = false } },
    "qemu.netdev.vhost: /dev/vhost-net is not there, which vhost takes" },
  { "a script that is not there", "qemu.netdev { 'tap', id = 'n', ifname = 'tap0', "
    .. "downscript = 'no' }", { links = { tap0 = { tap = true } },
      files = { ["/etc/qemu-ifup"] = false } },
    "qemu.netdev.script: /etc/qemu-ifup is not there, which is run where no script is said: "
    .. "script='no' runs none" },
  { "a bridge that is not there", "nic { kind = 'bridge', bridge = 'br1' }", {},
    "nic.bridge: no bridge 'br1' on this host; did you mean 'br0'?" },
  { "a bridge that is not allowed", "nic { kind = 'bridge' }",
    { links = { br0 = { bridge = true } }, files = { ["/etc/qemu/bridge.conf"] =
      "# allow br0\nallow br00\n" } },
    "nic.bridge: /etc/qemu/bridge.conf does not allow 'br0' to qemu-bridge-helper: add 'allow "
    .. "br0'" },
  { "nothing where it is", "nic { kind = 'bridge' }",
    { links = { br0 = { bridge = true } }, files = { ["/etc/qemu/bridge.conf"] = "allow br0\n" } },
    "" },
  { "a descriptor that is closed", "qemu.netdev { 'tap', id = 'n', fd = '77' }", {},
    "qemu.netdev.fd: descriptor 77 is not open" },
  { "a PCI device that is not there", "qemu.device { 'vfio-pci', host = '0b:00.0' }", {},
    "qemu.device.host: no PCI device '0b:00.0' on this host" },
  { "a PCI device of another driver", "qemu.device { 'vfio-pci', host = '0000:0b:00.0' }",
    { cards = { ["0000:0b:00.0"] = { driver = "nvme" } } },
    "qemu.device.host: the PCI device '0000:0b:00.0' is bound to nvme, not to vfio-pci" },
  { "a PCI device whose group is root's", "qemu.device { 'vfio-pci', host = '0b:00.0' }",
    { cards = { ["0000:0b:00.0"] = { driver = "vfio-pci", group = "12" } },
      denied = { ["/dev/vfio/12"] = "w" } },
    "qemu.device.host: /dev/vfio/12 may not be used by dev: Permission denied" },
  { "a USB device that is not plugged in", "usb { kind = 'host', device = '046d:c52b' }",
    { plugged = { { vendor = 0x46d, product = 1, bus = 1, number = 2, port = "2", node = "/n" } } },
    "warning: usb.device: no such USB device is plugged in: vendorid=0x046d productid=0xc52b; the "
    .. "guest gets it when it comes" },
  { "a USB device that is root's", "usb { kind = 'host', where = '1-2' }",
    { plugged = { { vendor = 0x46d, product = 1, bus = 1, number = 2, port = "2",
      node = "/dev/bus/usb/001/002" } }, denied = { ["/dev/bus/usb/001/002"] = "w" } },
    "usb.where: /dev/bus/usb/001/002 may not be used by dev: Permission denied" },
  { "vsock without its device", "qemu.device { 'vhost-vsock-pci', ['guest-cid'] = 3 }",
    { files = { ["/dev/vhost-vsock"] = false } },
    "qemu.device: /dev/vhost-vsock is not there, which vhost-vsock-pci takes" },
  { "more memory than there is", "memory = '64G'", {},
    "machine.memory: 64G of memory, and this host has 32G" },
  { "more memory than is free", "memory = '4G'", { available_memory = 3 << 30 },
    "warning: machine.memory: 4G of memory, of which 3G is free on this host now" },
  { "a kernel that is none", "kernel = 'notes.txt'",
    { files = { ["/home/dev/vm/notes.txt"] = ("text "):rep(200) } },
    "machine.kernel: '/home/dev/vm/notes.txt' is no kernel that a PC boots: neither a bzImage nor "
    .. "ELF nor multiboot" },
  { "SMBIOS structures that would lie where the initrd does", strings .. direct, DIRECT,
    "qemu.smbios: 40021 bytes of SMBIOS structures; beside an initrd there is room for 32768: the "
    .. "guest would find its ACPI tables overwritten" },
  { "the same by a file", "qemu.smbios { type = 11, path = '/srv/long' }" .. direct,
    { files = { ["/k"] = DIRECT.files["/k"], ["/i"] = "i", ["/srv/long"] = "x" },
      stamps = { ["/srv/long"] = { bytes = 32800 } } },
    "qemu.smbios: 32804 bytes of SMBIOS structures; beside an initrd there is room for 32768: the "
    .. "guest would find its ACPI tables overwritten" },
  { "nothing of them where no initrd is loaded", strings, {}, "" },
  { "nothing of them where the firmware is another", strings .. direct
    .. ", qemu.bios { '/srv/a.log' }", DIRECT, "" },
  { "nothing of such as fit", "qemu.smbios { type = 11, value = ('x'):rep(30000) }" .. direct,
    DIRECT, "" },
  { "the host's processor without KVM", "accel = 'tcg', cpu = 'host'", {},
    "machine.cpu: the model 'host' takes kvm: with tcg 'max' is the nearest" },
  { "a user that is not there", "qemu.runas { 'nobodyy' }", {},
    "qemu.runas: no user 'nobodyy' on this host" },
  { "little room for an overlay", "disk { file = '/srv/a.qcow2', overlay = 'o-missing.qcow2' }",
    { left = 10 << 20 },
    "warning: disk.overlay: 10M is left where '/home/dev/vm/o-missing.qcow2' grows" },
  { "a folder for an overlay that is not there",
    "disk { file = '/srv/a.qcow2', overlay = 'missing/o.qcow2' }", {},
    "disk.overlay: no such directory '/home/dev/vm/missing'" },
  { "no folder of a machine that was never started",
    "firmware = 'uefi', disk { file = '/srv/a.qcow2' }",
    { state = "/home/dev/missing/lunik" }, "" },
  { "a folder for a firmware's variables that is not there",
    "firmware = { secure = false, store = 'missing/vars.fd' }", {},
    "machine.firmware: no such directory '/home/dev/vm/missing'" },
  { "a folder that cannot be shared", "mount { from = '/srv/secret' }",
    { denied = { ["/srv/secret"] = "x" } },
    "mount.from: '/srv/secret' cannot be looked into by dev: Permission denied" },
  { "KVM that does not work", "qemu.machine { 'q35', accel = 'kvm' }",
    { kvm = function() return nil, "no /dev/kvm" end },
    "qemu.machine.accel: kvm does not work on this host: no /dev/kvm; 'tcg' does" },
  { "nothing of KVM where another is tried after it",
    "defaults = false, qemu.machine { 'q35', accel = 'kvm:tcg' }",
    { kvm = function() return nil, "no /dev/kvm" end }, "" },
  { "no folder that is another only by its dots", "qemu.pidfile { '/missing/.t/p' }",
    { listing = { ["/missing"] = { ".", ".." } } },
    "qemu.pidfile: no such directory '/missing/.t'" },
  { "nothing of what QEMU is handed, or makes", "qemu.add_fd { fd = 3, set = 1 }, "
    .. drive "file = '/dev/fdset/1', format = 'raw'" .. ", qemu.pidfile { 'new-missing.pid' }, "
    .. "qemu.chardev { 'file', id = 'c', path = '/dev/stdout' }, "
    .. drive "file = 'nbd://h/e', format = 'raw'":gsub("'d'", "'e'"), {}, "" },
}

describe("a look at the host finds", function()
  for _, case in ipairs(cases) do
    local name, items, host, said = table.unpack(case)
    it(name, function()
      host.files = host.files or {}
      assert.equal(said, found(items, host))
    end)
  end

  it("a word for each that its rows tell", function()
    local unknown = {}
    for _, row in ipairs(codes) do used[row[1]] = nil end
    for word in pairs(used) do unknown[#unknown + 1] = word end
    assert.same({}, unknown)
  end)
end)

describe("without a look at the host", function()
  it("nothing of it is said, not even what is missing", function()
    local items = "memory = '64G', qemu.kernel { 'missing' }, qemu.pidfile { '/missing/p' }"
    assert.equal("", found(items, {}, false))
    assert.matches("qemu.kernel: no such file 'missing'", found(items, {}, true))
  end)
end)

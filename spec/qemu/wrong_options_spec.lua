-- SPDX-License-Identifier: MIT
-- Wrong uses of qemu.*: each with the exact problems that it reports.
local fakehost = require "support.fakehost"
local lunik = require "lunik"

-- what stands in the machine, and what is said of it
local cases = {
  { [[qemu.accel { "kvm", kernel_irqchip = "spilt" }]],
    [[vm.lua:2: qemu.accel.kernel_irqchip: one of on, off, split expected, got 'spilt';]]
      .. [[ did you mean 'split'?]] },
  { [[qemu.accel { "kvm", dirty_ring_size = 1000 }]],
    [[vm.lua:2: qemu.accel.dirty_ring_size: a power of two, at least 1024 expected, got 1000]] },
  { [[qemu.accel { "kvm", notify_vmexit = "=run" }]],
    [[vm.lua:2: qemu.accel.notify_vmexit: one of run, internal-error, disable expected,]]
      .. [[ got '=run'; did you mean 'run'?]] },
  { [[qemu.accel { "kvmm" }]],
    [[vm.lua:2: qemu.accel: no accel 'kvmm'; did you mean 'kvm'?]] },
  { [[qemu.accel { "tcg", kernel_irqchip = true }]],
    [[vm.lua:2: qemu.accel.kernel_irqchip: 'tcg' has no such key; it belongs to kvm, whpx]] },
  { [[qemu.accel { "tcg", thread = "many" }]],
    [[vm.lua:2: qemu.accel.thread: one of single, multi expected, got 'many']] },
  { [[qemu.cpu { pmu = false }]],
    [[vm.lua:2: qemu.cpu: its first value is missing: model]] },
  { [[qemu.cpu { "host", 3 }]],
    [[vm.lua:2: qemu.cpu: no place for 3]] },
  { [[qemu.smp { 0.5 }]],
    [[vm.lua:2: qemu.smp: a whole number, at least 1 expected, got 0.5]] },
  { [[qemu.smp { 4, croes = 2 }]],
    [[vm.lua:2: qemu.smp.croes: no such key; did you mean 'cores'?]] },
  { [[qemu.m { "4X" }]],
    [[vm.lua:2: qemu.m: a size: bytes, or text such as "512M" or "4G" expected, got '4X']] },
  { [[qemu.m { "4G", slots = -1 }]],
    [[vm.lua:2: qemu.m.slots: a whole number from 0 to 256 expected, got -1]] },
  { [[qemu.numa { "nodes", nodeid = 0 }]],
    [[vm.lua:2: qemu.numa: no type 'nodes'; did you mean 'node'?
vm.lua:2: qemu.numa.nodeid: 'nodes' has no such key; it belongs to node]] },
  { [[qemu.numa { "dist", src = 0, dst = 1, val = 300 }]],
    [[vm.lua:2: qemu.numa.val: a whole number from 10 to 255 expected, got 300]] },
  { [[qemu.boot { order = "xyz" }]],
    [[vm.lua:2: qemu.boot.order: boot devices such as "cdn", each letter from a to p once]]
      .. [[ expected, got 'xyz']] },
  { [[qemu.boot { "dc", splash_time = "soon" }]],
    [[vm.lua:2: qemu.boot.splash_time: a whole number from 0 to 65535 expected, got 'soon']] },
  { [[qemu.name { "a", proces = "b" }]],
    [[vm.lua:2: qemu.name.proces: no such key; did you mean 'process'?]] },
  { [[qemu.uuid { "1234" }]],
    [[vm.lua:2: qemu.uuid: a UUID: 8-4-4-4-12 hexadecimal digits expected, got '1234']] },
  { [[qemu.machine { "q35", acpi = "maybe" }]],
    [[vm.lua:2: qemu.machine.acpi: one of on, off, auto expected, got 'maybe']] },
  { [[qemu.machine { { "q35" } }]],
    [[vm.lua:2: qemu.machine: a name without commas and blanks expected, got a table]] },
  { [[qemu.device { "virtio-net-pci", netdev = "nowhere" }]],
    [[vm.lua:2: qemu.device.netdev: no netdev has the id 'nowhere']] },
  { [[qemu.device { id = "x" }]],
    [[vm.lua:2: qemu.device: driver is missing: a name without commas and blanks]] },
  { [[qemu.device { "virtio-rng-pci", max_bytes = 1.5 }]],
    [[vm.lua:2: qemu.device.max_bytes: text, a whole number or a boolean expected, got 1.5]] },
  { [[qemu.object { "iothread" }]],
    [[vm.lua:2: qemu.object: id is missing: an id: a letter, then letters, digits, '-',]]
      .. [[ '.', '_']] },
  { [[qemu.object { "memory-backend-ram", id = "1mem", size = "1G" }]],
    [[vm.lua:2: qemu.object.id: an id: a letter, then letters, digits, '-', '.', '_']]
      .. [[ expected, got '1mem']] },
  { [[qemu.drive { file = "a.qcow2", cache = "writeabck" }]],
    [[vm.lua:2: qemu.drive.cache: one of none, writeback, unsafe, directsync,]]
      .. [[ writethrough, off expected, got 'writeabck'; did you mean 'writeback'?]] },
  { [[qemu.drive { file = "a.qcow2", ["if"] = "virtoi" }]],
    [[vm.lua:2: qemu.drive.if: one of ide, scsi, sd, mtd, floppy, pflash, virtio, xen,]]
      .. [[ none expected, got 'virtoi'; did you mean 'virtio'?]] },
  { [[qemu.drive { "a.qcow2" }]],
    [[vm.lua:2: qemu.drive: no place for 'a.qcow2': its values have names]] },
  { [[qemu.blockdev { "qcow2", node_name = "a", file = "nowhere" }]],
    [[vm.lua:2: qemu.blockdev.file: no node has the id 'nowhere'; there are: a]] },
  { [[qemu.netdev { "user" }]],
    [[vm.lua:2: qemu.netdev: id is missing: an id: a letter, then letters, digits, '-',]]
      .. [[ '.', '_']] },
  { [[qemu.netdev { "usre", id = "n" }]],
    [[vm.lua:2: qemu.netdev: no type 'usre'; did you mean 'user'?]] },
  { [[qemu.netdev { "user", id = "n", hostfwd = "tcp:22" }]],
    [[vm.lua:2: qemu.netdev.hostfwd: a forward such as "tcp:127.0.0.1:2222-:22" expected,]]
      .. [[ got 'tcp:22']] },
  { [[qemu.netdev { "user", id = "n", ifname = "tap0" }]],
    [[vm.lua:2: qemu.netdev.ifname: 'user' has no such key; it belongs to af-xdp, netmap,]]
      .. [[ tap, vmnet-bridged]] },
  { [[qemu.netdev { "tap", id = "n", vhots = true }]],
    [[vm.lua:2: qemu.netdev.vhots: no such key; did you mean 'vhost'?]] },
  { [[qemu.netdev { "user", id = "n", id_ = "m" }]],
    [[vm.lua:2: qemu.netdev.id_: no such key; did you mean 'id'?]] },
  { [[qemu.nic { "user", model = "a,b" }]],
    [[vm.lua:2: qemu.nic.model: a name without commas and blanks expected, got 'a,b']] },
  { [[qemu.chardev { "sokcet", id = "c" }]],
    [[vm.lua:2: qemu.chardev: no backend 'sokcet'; did you mean 'socket'?]] },
  { [[qemu.chardev { "socket", path = "/x" }]],
    [[vm.lua:2: qemu.chardev: id is missing: an id: a letter, then letters, digits, '-',]]
      .. [[ '.', '_']] },
  { [[qemu.chardev { "file", id = "c" }]],
    [[vm.lua:2: qemu.chardev: path is missing: a path]] },
  { [[qemu.chardev { "socket", id = "c", path = "/x", sever = true }]],
    [[vm.lua:2: qemu.chardev.sever: no such key; did you mean 'server'?]] },
  { [[qemu.serial { "unxi:/x" }]],
    [[vm.lua:2: qemu.serial: no form 'unxi:/x'; did you mean 'unix'?]] },
  { [[qemu.serial { "chardev:nowhere" }]],
    [[vm.lua:2: qemu.serial.id: no chardev has the id 'nowhere']] },
  { [[qemu.serial {}]],
    [[vm.lua:2: qemu.serial: its first value is missing: a value]] },
  { [[qemu.mon { "nowhere", mode = "control" }]],
    [[vm.lua:2: qemu.mon.chardev: no chardev has the id 'nowhere']] },
  { [[qemu.mon { chardev = "c", mode = "contorl" }]],
    [[vm.lua:2: qemu.mon.mode: one of readline, control expected, got 'contorl'; did you]]
      .. [[ mean 'control'?]] },
  { [[qemu.tpmdev { "emulator", id = "t" }]],
    [[vm.lua:2: qemu.tpmdev: chardev is missing: the id of a chardev]] },
  { [[qemu.fsdev { "local", id = "f", path = "/x", security_model = "none-at-all" }]],
    [[vm.lua:2: qemu.fsdev.security_model: one of mapped-xattr, mapped, mapped-file, passthrough,]]
      .. [[ none expected, got 'none-at-all']] },
  { [[qemu.virtfs { "local", path = "/x", mount_tag = "t", security_model = "maped-xattr" }]],
    [[vm.lua:2: qemu.virtfs.security_model: one of mapped-xattr, mapped, mapped-file,]]
      .. [[ passthrough, none expected, got 'maped-xattr'; did you mean 'mapped-xattr'?]] },
  { [[qemu.audiodev { "alsa", id = "a", out = { frequency = "high" } }]],
    [[vm.lua:2: qemu.audiodev.out.frequency: a whole number, at least 0 expected, got 'high']] },
  { [[qemu.display { "gtk", gl = "maybe" }]],
    [[vm.lua:2: qemu.display.gl: one of on, off, core, es expected, got 'maybe']] },
  { [[qemu.spice { prot = 5900 }]],
    [[vm.lua:2: qemu.spice.prot: no such key; did you mean 'port'?]] },
  { [[qemu.vnc { ":1", share = "some" }]],
    [[vm.lua:2: qemu.vnc.share: one of allow-exclusive, force-shared, ignore expected,]]
      .. [[ got 'some']] },
  { [[qemu.smbios { type = 1, manufactuer = "x" }]],
    [[vm.lua:2: qemu.smbios.manufactuer: no such key; did you mean 'manufacturer'?]] },
  { [[qemu.smbios { type = 1, vendor = "x" }]],
    [[vm.lua:2: qemu.smbios.vendor: '1' has no such key; it belongs to 0]] },
  { [[qemu.rtc { base = "yesterday" }]],
    [[vm.lua:2: qemu.rtc.base: utc, localtime, or a date such as "2006-06-17T16:01:21"]]
      .. [[ expected, got 'yesterday']] },
  { [[qemu.rtc { driftfix = "slwe" }]],
    [[vm.lua:2: qemu.rtc.driftfix: one of none, slew expected, got 'slwe'; did you mean 'slew'?]] },
  { [[qemu.icount { "fast" }]],
    [[vm.lua:2: qemu.icount: a whole number from 0 to 10 expected, got 'fast']] },
  { [[qemu.sandbox { "on", spawn = "never" }]],
    [[vm.lua:2: qemu.sandbox.spawn: one of allow, deny expected, got 'never']] },
  { [[qemu.action { panic = "explode" }]],
    [[vm.lua:2: qemu.action.panic: one of pause, shutdown, exit-failure, none expected,]]
      .. [[ got 'explode']] },
  { [[qemu.watchdog_action { "resset" }]],
    [[vm.lua:2: qemu.watchdog_action: one of reset, shutdown, poweroff, inject-nmi,]]
      .. [[ pause, debug, none expected, got 'resset'; did you mean 'reset'?]] },
  { [[qemu.nodefaults { true, x = 1 }]],
    [[vm.lua:2: qemu.nodefaults: no place for true: it takes no value
vm.lua:2: qemu.nodefaults.x: no such key: it takes no value]] },
  { [[qemu.kernel { "a", "b" }]],
    [[vm.lua:2: qemu.kernel: no place for 'b']] },
  { [[qemu.kernel { cmdline = "x" }]],
    [[vm.lua:2: qemu.kernel: its first value is missing: a path
vm.lua:2: qemu.kernel.cmdline: no such key: it takes one value]] },
  { [[qemu.fw_cfg { name = "opt/x", file = "y", sting = "z" }]],
    [[vm.lua:2: qemu.fw_cfg.sting: no such key; did you mean 'string'?]] },
  { [[qemu.add_fd { fd = 2, set = 1 }]],
    [[vm.lua:2: qemu.add_fd.fd: a whole number, at least 3 expected, got 2]] },
  { [[qemu.global { driver = "a", propety = "b", value = "c" }]],
    [[vm.lua:2: qemu.global.propety: no such key; did you mean 'property'?
vm.lua:2: qemu.global: property is missing: text]] },
  { [[qemu.set { group = "drive", id = "d0", value = "x" }]],
    [[vm.lua:2: qemu.set: arg is missing: text]] },
  { [[qemu.msg { timestmap = true }]],
    [[vm.lua:2: qemu.msg.timestmap: no such key; did you mean 'timestamp'?]] },
  { [[qemu.compat { ["deprecated-input"] = "refuse" }]],
    [[vm.lua:2: qemu.compat.deprecated-input: one of accept, reject, crash expected, got]]
      .. [[ 'refuse']] },
  { [[qemu.run_with { ["async-teardwon"] = true }]],
    [[vm.lua:2: qemu.run_with.async-teardwon: no such key; did you mean 'async-teardown'?]] },
  { [[qemu.chardev { "null", id = "c" }, qemu.chardev { "null", id = "c" }]],
    [[vm.lua:2: qemu.chardev.id: the id 'c' is used twice; it stands at vm.lua:2]] },
  { [[qemu.machine { "q35", memory_backend = "m" }, qemu.object { "memory-backend-ram",]]
      .. [[ id = "m", size = "1G" }, qemu.m { "2G" }]],
    [[vm.lua:2: qemu.machine.memory-backend: 'm' has 1G, but -m says 2G; QEMU wants them]]
      .. [[ equal; it stands at vm.lua:2]] },
  { [[qemu.iscsi { timeuot = 3 }]],
    [[vm.lua:2: qemu.iscsi.timeuot: no such key; did you mean 'timeout'?]] },
  { [[qemu.usbdevice {}]],
    [[vm.lua:2: qemu.usbdevice: its first value is missing: a name such as braille,]]
      .. [[ keyboard, mouse, tablet, wacom-tablet]] },
  { [[qemu.plugin { arg = "x" }]],
    [[vm.lua:2: qemu.plugin: file is missing: a path]] },
}

describe("qemu.* used wrongly", function()
  for _, case in ipairs(cases) do
    it(case[1], function()
      local host = fakehost.new()
      function host.contents()
        return "return machine { defaults = false,\n  " .. case[1] .. " }\n"
      end
      local plan, problems = lunik.plan("vm.lua", { host = host, dir = "/home/dev/vm" })
      assert.is_nil(plan)
      assert.equal(case[2], lunik.text(problems))
    end)
  end
end)

-- SPDX-License-Identifier: MIT
-- The machine's own fields, a row each: what it holds, its default, and the options
-- it becomes. `default` is a value, or a function of (values, host) that returns the value and,
-- where the choice deserves one, a note. `needs(value, machine)` is what it asks of the machine as
-- a whole (lunik.machine.need), `no_clone(value)` why a clone of the machine cannot have it. With
-- `defaults = false` only what the recipe says is emitted.
local accelerator = require "lunik.machine.accelerator"
local firmware = require "lunik.machine.firmware.kind"
local fit = require "lunik.machine.fit"
local kind = require "lunik.schema.kind"
local named = require "lunik.schema.named"
local processor = require "lunik.machine.processor"
local ram = require "lunik.machine.memory"
local qemu = require "lunik.qemu"
local ready = require "lunik.machine.ready"
local signs = require "lunik.machine.signs"
local windows = require "lunik.machine.windows"

local boards = { x86_64 = "q35", i386 = "q35", aarch64 = "virt", arm = "virt", riscv64 = "virt" }

local function check_kernel(values, host) return fit.kernel(values.kernel, values, host) end

local function check_display(values)
  if values.display == "curses" then
    return "curses draws on QEMU's terminal, and QEMU has none here; console {} has lunik console"
  end
end

local function choose_cpu(values)
  if not values.accel then return nil end
  return values.accel == "kvm" and "host" or "max"
end

local function machine_type(plan, machine)
  local shared = plan:needed "shared_memory"
  if not machine.type and shared then machine.type = boards[machine.arch] end
  if machine.type then
    plan:add(qemu.machine { machine.type, ["memory-backend"] = shared and "mem" or nil },
      { ["memory-backend"] = shared and "shared_memory" or nil })
  end
end

-- How many slots for memory modules there are; QEMU's ACPI tables have room for 256.
local DIMMS = 16

-- virtiofs needs guest memory that its daemon can map, of exactly the machine's size
local function memory(plan, machine)
  local most = plan:needed "grow_memory"
  plan:add(qemu.m { kind.size.text(machine.memory), slots = most and DIMMS,
    maxmem = most and kind.size.text(most) },
    most and { slots = "grow_memory", maxmem = "grow_memory" } or nil)
  if plan:needed "shared_memory" then
    local private = plan.saved and plan.saved.fork and plan.saved.fork.private or false
    plan:descriptor { name = "mem", kind = private and "template" or "memory",
      size = machine.memory }
    plan:add(qemu.memory("mem", { "memory-backend-memfd", id = "mem", share = not private,
      size = kind.size.text(machine.memory) }), "shared_memory")
  end
end

-- Tells QEMU the name where the recipe or a default gave it; lunik has one for every machine.
local function name(plan, machine, value)
  if machine.named then plan:add(qemu.name { value }) end
end

local function cpus(plan, machine)
  local most = plan:needed "grow_cpus"
  plan:add(qemu.smp(processor.smp(machine, most)), most and { maxcpus = "grow_cpus" } or nil)
end

local function cpu(plan, _, value)
  plan:add(qemu.cpu(type(value) == "table" and value or { value }))
end

-- A debugger comes by a socket that QEMU is handed already listening, or by a port.
local function gdb(plan, _, value)
  if value == false then return end
  if value ~= true then
    plan:debugger(("127.0.0.1:%d"):format(value))
    plan:add(qemu.gdb { "tcp", host = "127.0.0.1", port = tostring(value) })
    return
  end
  plan:debugger(plan:listening("lunik-gdb", "gdb.sock"))
  plan:add(qemu.gdb { "chardev", id = "lunik-gdb" })
end

-- Nothing where qemu.S { } stands already.
local function paused(plan, machine)
  if (machine.paused or machine.gdb) and not machine.says_S then
    plan:add(qemu.S(), not machine.paused and "gdb" or nil)
  end
end

local function one(option)
  return function(plan, _, value) plan:add(qemu[option] { value }) end
end

-- The kind of `arch`, which becomes part of the name of a program.
local arch = { name = "arch", expects = "an architecture such as x86_64 or aarch64" }

function arch.read(value)
  if type(value) == "string" and value:find "^%w[%w_]*$" and #value < 32 then return value end
  return nil, "an architecture such as x86_64 or aarch64 expected, got " .. kind.show(value)
end

-- Why a clone cannot have what its machine has: a port of this host.
local function gdb_port(value)
  return type(value) == "number" and "a port of this host is one machine's: gdb = true has a "
    .. "socket in its place" or nil
end

local function screen(value)
  return value:find "^vnc=" and "a port of this host is one machine's" or nil
end

local function own_store(value)
  return type(value) == "table" and (value.store and "every clone would write to its store"
    or type(value.log) == "string" and "every clone would write to its log") or nil
end

local debugger = kind.either(kind.bool, kind.int(1, 65535))
debugger.parse = function(text) return tonumber(text) or kind.bool.parse(text) end

return named {
  { "name", kind = kind.name, example = 'name = "web"', doc = "name; default: the recipe's folder",
    emit = name, default = function(values) return values.folder end },
  { "arch", kind = arch, example = 'arch = "aarch64"',
    doc = "architecture of the guest; default: the host's",
    default = function(_, host) return host.arch end, always = true },
  { "type", kind = kind.word,
    example = 'type = "pc"',
    doc = "QEMU's machine type; default: q35 on x86, virt on ARM and RISC-V",
    names = "machine", default = function(values) return boards[values.arch] end,
    emit = machine_type,
      emits_without = true },
  { "accel", kind = kind.word, example = 'accel = "tcg"',
    doc = "kvm, tcg, …; default: kvm where it works, else tcg",
    default = accelerator.choose, check = accelerator.check, emit = accelerator.emit },
  { "cpu", kind = processor.cpu,
    example = 'cpu = { "host", "+invtsc" }',
    doc = "CPU model, and its features; default: host under kvm, max under tcg",
    default = choose_cpu, emit = cpu },
  { "cpus", kind = processor.cpus, example = "cpus = 4",
    doc = "number of CPUs, or their topology", default = 1,
    emit = cpus },
  { "memory", kind = ram.kind, default = ram.DEFAULT, needs = ram.needs, emit = memory,
    example = 'memory = "4G"',
    doc = "memory of the guest; { size = \"4G\", kept = true }: apart from QEMU's own, as machines "
      .. "with mounts have it, so that it is saved the faster; without huge pages" },
  { "uuid", kind = kind.uuid, example = 'uuid = "6ba7b810-9dad-41d1-80b4-00c04fd430c8"',
    doc = "UUID of the guest", emit = one "uuid" },
  { "firmware", kind = firmware, no_clone = own_store,
    example = 'firmware = "uefi"',
    doc = 'what it boots by: "bios", "uefi", a file, or { kind = "uefi", secure = true, … }; '
      .. "default: QEMU's own; on aarch64 without a kernel uefi",
    emit = function(...) require "lunik.machine.firmware".emit(...) end },
  { "kernel", kind = kind.path "file", example = 'kernel = "vmlinuz"',
    doc = "kernel to boot directly", check = check_kernel,
    emit = one "kernel" },
  { "initrd", kind = kind.path "file", example = 'kernel = "vmlinuz", initrd = "initrd.img"',
    doc = "initial ramdisk", emit = one "initrd" },
  { "append", kind = kind.string, example = 'kernel = "vmlinuz", append = "console=ttyS0 quiet"',
    doc = "kernel command line", emit = one "append" },
  { "windows", kind = windows.kind,
    example = "windows = true",
    doc = "true: the guest is Windows: Hyper-V's interfaces, a clock in local time, a TPM, secure "
    .. "boot, disks and cards that its installer knows; { drivers = \"virtio-win.iso\" }: virtio "
    .. "and a drive with its drivers", emit = windows.emit },
  { "display", kind = kind.word, example = 'display = "gtk"',
    doc = "where the screen is shown: none, gtk, sdl, …",
    names = "display", default = "none", check = check_display,
    no_clone = screen, emit = one "display" },
  { "defaults", kind = kind.bool, doc = "false: lunik adds nothing of its own",
    default = true, always = true },
  { "sandbox", kind = kind.bool, doc = "false: QEMU runs without its seccomp filter",
    default = true, always = true },
  { "qemu", kind = kind.path "file", example = 'qemu = "/opt/qemu/bin/qemu-system-x86_64"',
    doc = "the QEMU binary; default: qemu-system-ARCH by PATH" },
  { "paused", kind = kind.bool, doc = "true: the machine stays paused until somebody resumes it",
    emit = paused, emits_without = true },
  { "gdb", kind = debugger, no_clone = gdb_port,
    example = "gdb = true",
    doc = "it stays paused, and waits for gdb: true, or a TCP port of this "
    .. "host", emit = gdb },
  { "ready", kind = ready,
    example = 'ready = "agent", agent {}',
    doc = 'when it is ready: "qmp", "agent", "ssh", "cloud-init" (it is done, without errors), '
      .. '"console: PATTERN" or function(vm)' },
  { "ready_within", kind = kind.duration, example = 'ready_within = "5m"',
    doc = "how long that may take, in seconds",
    default = 120, always = true },
  { "signs", kind = signs,
    example = 'signs = "unable to find boot device"',
    doc = "what the guest says on its console when it will not come up, beside what all guests "
      .. "say: such a line ends the wait; with prompt = true what an unfinished line begins with" },
  { "stop", kind = kind.record("times such as { powerdown = 60, quit = 5, term = 5 }",
      { powerdown = kind.duration, quit = kind.duration, term = kind.duration }),
    example = "stop = { powerdown = 60 }",
    doc = "how long each rung of stopping may take: { powerdown = 60, quit = 5, term = 5 }" },
  { "on_host_shutdown", kind = kind.one_of { "stop", "save" }, default = "stop", always = true,
    doc = "what becomes of it when its supervisor is told to end by SIGTERM, as systemd does at "
      .. "the host's shutdown (lunik unit): stop; or save, and go on at the next start" },
  { "life", kind = kind.span,
    example = 'life = "10m"',
    doc = "how long it may live, such as \"10m\"; then it is stopped, which counts as a failure" },
  { "results", kind = kind.guest_path,
    example = 'results = "/results"',
    doc = "folder of the guest that a job copies to where it was submitted (lunik submit)" },
}

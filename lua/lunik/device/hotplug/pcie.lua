-- SPDX-License-Identifier: MIT
-- What must exist at boot so that devices can come and go later, and who has a say in that.
local kind = require "lunik.schema.kind"
local plain = require "lunik.schema.plain"

-- What a policy may be about: one family of devices, or whatever is to be plugged.
local families = { "mount", "disk", "nic", "chardev", "device", "any" }

local policy = { name = "policy", expects = "a function(vm, request)", read = function(value)
  if type(value) == "function" and not plain.shown(value) then return value end
  return nil, "a function(vm, request) expected, got " .. kind.show(value)
end }

-- What `request` holds (lunik.hotplug.request shows it).
policy.sees = {
  { write = "request.family", doc = "what is to be plugged: mount, disk, nic, …" },
  { write = "request.kind", doc = "which kind of it" },
  { write = "request.FIELD", doc = "the fields of that family as lunik read them: sizes in bytes, "
    .. "paths absolute; of a chardev or a device of QEMU's, its options as they were asked for" },
  { write = "request.real", doc = "of a mount: its directory, no symbolic link left in it" },
  { write = "request.port", doc = "the port that was asked for; set it to a name of `lunik slots` "
    .. "to choose one" },
}

-- What a policy may return.
policy.answers = {
  { write = "return true", doc = "yes; what was changed in `request` counts" },
  { write = "return request", doc = "the same" },
  { write = "return { … }", doc = "this in place of the request: what it leaves out is not asked "
    .. "for any more" },
  { write = "return nil, why", doc = "no, for that reason; so does false, or nothing at all" },
  { write = "error(why)", doc = "no; so does taking longer than 30 seconds" },
}

local fields = {
  { "ports", kind = kind.int(0, 120), default = 16,
    example = "ports = 8",
    doc = "how many devices can come: on q35 and virt PCIe root ports, at most 120; on pc slots of "
      .. "its PCI bus, at most 15; microvm has none" },
  { "memory", kind = kind.size, example = 'memory = "8G"',
    doc = "the most memory that the guest may grow to" },
  { "cpus", kind = kind.int(1, 1024), example = "cpus = 8",
    doc = "the most CPUs that the guest may grow to" },
  { "scsi", kind = kind.bool, default = false, doc = "a SCSI controller, for disks" },
  { "usb", kind = kind.bool, default = false, doc = "a USB controller, for USB devices" },
  { "keep", kind = kind.bool, default = false,
    doc = "what was mounted while the machine ran is mounted again at its next start" },
}
local examples = {
  mount = 'mount = function(_, m) return m.real:find "^/srv/" and m end',
  disk = "disk = function(_, d) d.readonly = true return d end",
  nic = 'nic = function() return nil, "the cards that it has are enough" end',
  chardev = 'chardev = function(_, c) return c[1] == "pty" end',
  device = 'device = function() return nil, "no devices of QEMU\'s" end',
  any = 'any = function(_, request) print("asked for:", request.family) return true end',
}

for _, family in ipairs(families) do
  fields[#fields + 1] = { family, kind = policy, policy = true, example = examples[family],
    doc = ("a policy: sees %s request to plug first, and edits or refuses it"):format(
      family == "any" and "every" or "each " .. family) }
end

local pcie = { doc = "room for devices that come while the machine runs, and policies about them",
  fields = fields, no_plug = "is read when the machine starts", fork = "new" }

function pcie.needs(hotplug, machine)
  return { free_ports = hotplug.ports, grow_memory = hotplug.memory, grow_cpus = hotplug.cpus,
    scsi = hotplug.scsi or nil, usb = hotplug.usb or nil,
    -- what is mounted later is mapped by its daemon, too
    shared_memory = machine.defaults and hotplug.ports > 0 or nil }
end

function pcie.join(hotplug, machine)
  if hotplug.memory and machine.memory and hotplug.memory <= machine.memory then
    return nil, "memory", ("the machine begins with %s: more expected"):format(
      kind.size.text(machine.memory))
  end
  if hotplug.cpus and hotplug.cpus < (machine.cpus or 1) then
    return nil, "cpus", ("the machine begins with %d: at least as many expected"):format(
      machine.cpus or 1)
  end
  return true
end

function pcie.emit(plan, hotplug)
  plan.hotplug = { keep = hotplug.keep, ports = hotplug.ports }
end

return pcie

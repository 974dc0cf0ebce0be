-- SPDX-License-Identifier: MIT
-- What devices ask of the machine as a whole, a row each. Devices name a need and how
-- much of it; the sums are emitted here, before any device that relies on them. `doc` says what is
-- got by those that bring something to the command line, here or with a field of the machine's.
-- `late(context, much)` says why a machine that was started without it, and that hot plug knows by
-- that context, cannot have so much of it any more.
local growth = require "lunik.machine.need.growth"
local named = require "lunik.schema.named"
local ports = require "lunik.machine.need.ports"
local processor = require "lunik.machine.processor"
local qemu = require "lunik.qemu"

local function again(what, how)
  return ("the machine was started without %s: add %s to its recipe and restart"):format(what, how)
end

-- Why memory is not shared | nil. QEMU is asked, since raw options may have shared it.
local function not_shared(context)
  for _, each in ipairs(context.monitor:exec "query-memdev" or {}) do
    if each.share then return nil end
  end
  local saved = context.plan.saved
  if saved and saved.fork and saved.fork.private then
    return "the clone stands in memory that others have, too: lunik fork --memory copied"
  end
  return again("shared memory", "hotplug {}")
end

return named {
  -- memory that a daemon can map; `scalar` emits it with the memory it must match
  { "shared_memory", doc = "memory that its daemon can map", check = function(_, machine)
    if not machine.memory and not machine.defaults then
      return "needs machine.memory, since defaults = false"
    end
  end, late = not_shared },
  -- room to grow into; `scalar` emits it with what the machine begins with
  { "grow_memory", doc = "room for more memory", check = function(_, machine)
    if not machine.memory then return "memory: needs machine.memory" end
  end },
  { "grow_cpus", doc = "room for more CPUs", check = processor.cannot_grow },
  -- how much is left open where only the need itself is asked about
  { "growth", check = growth.check, late = function(context, much)
    if context.plan.needs.grow_memory then return much and growth.beyond(context, much) or nil end
    return again("room for more memory", 'hotplug { memory = "8G" }')
  end },
  { "more_cpus", late = function(context)
    if context.plan.needs.grow_cpus then return nil end
    return again("room for more CPUs", "hotplug { cpus = 8 }")
  end },
  { "ports", doc = "a port to sit in", emit = ports.emit, check = ports.check },
  { "free_ports", doc = "ports for what comes later", emit = ports.emit_free, check = ports.check },
  { "usb", doc = "a USB controller",
    emit = function(plan) plan:add(qemu.device { "qemu-xhci", id = "usb" }) end,
    late = function() return again("a USB controller", "hotplug { usb = true }") end },
  { "scsi", doc = "a SCSI controller",
    emit = function(plan) plan:add(qemu.device { "virtio-scsi-pci", id = "scsi" }) end,
    late = function() return again("a SCSI controller", "hotplug { scsi = true }") end },
  { "virtio_serial", doc = "a controller of virtio serial ports", emit = function(plan)
    plan:add(qemu.device { "virtio-serial-pci", id = "virtio-serial" })
  end },
}

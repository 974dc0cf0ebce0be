-- SPDX-License-Identifier: MIT
-- What devices ask of the machine as a whole, a row each. Devices name a need and how
-- much of it; the sums are emitted here, before any device that relies on them.
local ports = require "lunik.need.ports"
local qemu = require "lunik.qemu"

return {
  -- memory that a daemon can map; `scalar` emits it with the memory it must match
  { "shared_memory", check = function(_, machine)
    if not machine.memory and not machine.defaults then
      return "needs machine.memory, since defaults = false"
    end
  end },
  -- room to grow into; `scalar` emits it with what the machine begins with
  { "grow_memory", check = function(_, machine)
    if not machine.memory then return "memory: needs machine.memory" end
  end },
  { "grow_cpus" },
  { "ports", emit = ports.emit, check = ports.check },
  { "free_ports", emit = ports.emit_free, check = ports.check },
  { "usb", emit = function(plan) plan:add(qemu.device { "qemu-xhci", id = "usb" }) end },
  { "scsi", emit = function(plan) plan:add(qemu.device { "virtio-scsi-pci", id = "scsi" }) end },
  { "virtio_serial", emit = function(plan)
    plan:add(qemu.device { "virtio-serial-pci", id = "virtio-serial" })
  end },
}

-- SPDX-License-Identifier: MIT
-- Memory of which the guest has as much as it is asked to take, in steps of 2 MiB.
local kind = require "lunik.schema.kind"
local more = require "lunik.device.memory.more"
local qemu = require "lunik.qemu"

-- hw/virtio/virtio-mem.c: with 4 KiB pages a block is a huge page
local STEP = 2 << 20

local virtio = { doc = "memory of which the guest has as much as it is asked to take",
  fields = more.fields {
    { "requested", kind = kind.size,
      example = 'requested = "512M"',
      doc = "how much of it the guest is to take; default: all. vm:qmp \"qom-set\" changes it" },
  },
  complete = more.complete, needs = more.needs, fork = "new" }

function virtio.check(memory)
  if memory.requested and memory.requested % STEP ~= 0 then
    return nil, "requested", "a multiple of 2M expected"
  elseif memory.requested and memory.requested > memory.size then
    return nil, "requested", "more than its size"
  end
  return more.check(memory)
end

function virtio.emit(plan, memory)
  local at = plan:place(memory.id, "memory", memory.id)
  more.backend(plan, memory, false)
  plan:add(qemu.device { "virtio-mem-pci", id = memory.id, memdev = memory.id .. "-backend",
    ["requested-size"] = memory.requested or memory.size, bus = at.bus, addr = at.addr })
  more.in_guest(plan)
end

virtio.plug = virtio.emit

return virtio

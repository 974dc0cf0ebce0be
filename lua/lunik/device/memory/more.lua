-- SPDX-License-Identifier: MIT
-- What the kinds of further memory share: the backend, and what the guest does with it.
local kind = require "lunik.schema.kind"
local name = require "lunik.device.name"
local qemu = require "lunik.qemu"

local more = {}

-- Linux adds memory in blocks of 128 MiB on x86 (admin-guide/mm/memory-hotplug).
local BLOCK = 128 << 20

function more.fields(own)
  local fields = {
    { "size", kind = kind.size, required = true, example = 'size = "1G"', doc = "how much" },
    { "id", kind = kind.id, example = 'id = "more"', doc = name.numbered_doc "mem" },
  }
  for _, row in ipairs(own) do fields[#fields + 1] = row end
  return fields
end

function more.complete(memory, context)
  memory.id = memory.id or name.numbered("mem", context)
end

function more.check(memory)
  if memory.size % BLOCK == 0 then return true end
  return nil, "size", ("a multiple of 128M expected, got %s"):format(kind.size.text(memory.size))
end

function more.needs(memory) return { growth = memory.size } end

-- The memory itself; a daemon of a mount has to be able to map it.
function more.backend(plan, memory, reserve)
  local id = memory.id .. "-backend"
  plan:descriptor { name = id, kind = "memory", size = memory.size }
  plan:add(qemu.memory(id, { "memory-backend-memfd", id = id, size = memory.size, share = true,
    reserve = reserve }))
end

-- A script for the guest that takes new memory into use, where the guest does not by itself: as
-- movable memory, which can be taken away again.
more.online = [[
for state in /sys/devices/system/memory/memory*/state; do
	read -r now <"$state"
	[ "$now" != offline ] || echo online_movable >"$state" || exit
done
]]

function more.in_guest(plan)
  plan:in_guest { script = more.online,
    by_hand = "in the guest: echo online_movable > /sys/devices/system/memory/memoryN/state" }
end

return more

-- SPDX-License-Identifier: MIT
-- Memory beside what the machine begins with: how much of it there is room for.
local kind = require "lunik.schema.kind"

local growth = {}

local size = kind.size.text

-- Why `much` more than the `now` that there is goes beyond what the machine may grow to | nil
local function beyond(much, now, most)
  if now + much <= most then return nil end
  return ("%s more than %s is beyond the %s that the machine may grow to: "
    .. "hotplug { memory = \"%s\" } makes room for it"):format(size(much), size(now), size(most),
    size(now + much))
end

-- Whether a recipe's machine has room for all the memory devices in it.
function growth.check(much, machine)
  local most = machine.needs.grow_memory
  if not most then return "needs room: add hotplug { memory = \"8G\" }" end
  return beyond(much, machine.memory, most)
end

-- QEMU takes the room of a device that the guest may have a part of as a whole.
local function taken(context)
  local sum = 0
  for _, each in ipairs(context.monitor:exec "query-memory-devices" or {}) do
    local data = type(each) == "table" and type(each.data) == "table" and each.data or {}
    sum = sum + (math.tointeger(data["max-size"] or data.size) or 0)
  end
  return sum
end

-- The same of one that runs, as QEMU says what it has; `coming` is what is to come before.
function growth.beyond(context, much, coming)
  local plan = context.plan
  if not plan.memory or not plan.needs.grow_memory then return nil end
  return beyond(much, plan.memory + taken(context) + (coming or 0), plan.needs.grow_memory)
end

return growth

-- SPDX-License-Identifier: MIT
-- The fields of a machine of which it can have more while it runs, by name: grow.NAME(before,
-- after, state, needs) gives the step | nil, why not.
local kind = require "lunik.schema.kind"

local grow = {}

local BLOCK = 128 << 20    -- Linux adds memory by blocks of that size

-- Why there cannot be so much | nil
local function beyond(after, most, text)
  if not most then return "the machine was started without room for more: hotplug makes it" end
  if after > most then return ("the machine was started with room for %s"):format(text(most)) end
end

local function count(number) return ("%d"):format(number) end

local function whole(...)
  for i = 1, 2 do
    if not math.type((select(i, ...))) then return false end
  end
  return true
end

function grow.cpus(before, after, state, needs)
  if not whole(before, after) then return nil, "is read when the machine starts" end
  if after < before then return nil, "the CPUs of its start stay until it restarts" end
  local why = beyond(after, needs.grow_cpus, count)
  if why then return nil, why end
  return { "cpus", math.max(0, after - (state.cpus or before)), after }
end

-- Modules that somebody has plugged, or that are items of the recipe, come on top.
function grow.memory(before, after, _, needs)
  if not whole(before, after) then return nil, "is read when the machine starts" end
  if after < before then return nil, "the memory of its start stays until it restarts" end
  local more = after - before
  local why = beyond(after, needs.grow_memory, kind.size.text)
  if not why and more % BLOCK ~= 0 then
    why = ("memory comes in multiples of 128M, and %s is wanted"):format(kind.size.text(more))
  end
  if why then return nil, why end
  return { "memory", more, after }
end

return grow

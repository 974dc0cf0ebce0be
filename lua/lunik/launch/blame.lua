-- SPDX-License-Identifier: MIT
-- The line and the field of the recipe that a QEMU which did not start speaks of.
local refusal = require "lunik.launch.refusal"

local LINES = 16           -- of what QEMU has said last

-- The plan's options as refusals are held against them, with what the key of each is.
local function options_of(plan)
  local list = {}
  for i, place in ipairs(plan.places or {}) do
    local one = { name = place.name, place = place, args = {}, of = {},
      text = table.concat(plan.live, " ", place.from, place.to) }
    for _, key in ipairs(place.keys) do
      one.args[key[1]], one.of[key[1]] = key[2], { at = key[3], path = key[4] }
    end
    list[i] = one
  end
  return list
end

-- A line of text for a QEMU that has ended | nil where it speaks of no option. `cause` is what is
-- known of its trouble, in the place of its own words.
return function(plan, running, cause)
  local lines = running.ended:is_set() and running:last_lines(LINES) or {}
  if not lines[1] then return nil end
  local one, text, key = refusal.of(options_of(plan), lines)
  local where = one and (one.of[key] or one.place)
  if not where or where.at == "" then return nil end
  return ("%s: %s: %s"):format(where.at, where.path, cause or "QEMU: " .. text)
end

-- SPDX-License-Identifier: MIT
-- The line and the field of the recipe that a QEMU which did not start speaks of.
local refusal = require "lunik.launch.refusal"

-- The options of a live command line as refusals are held against them, with what the key of each
-- is.
local function options_of(live, places)
  local list = {}
  for i, place in ipairs(places) do
    local one = { name = place.name, place = place, args = {}, of = {},
      text = table.concat(live, " ", place.from, place.to) }
    for _, key in ipairs(place.keys) do
      one.args[key[1]], one.of[key[1]] = key[2], { at = key[3], path = key[4] }
    end
    list[i] = one
  end
  return list
end

-- A line of text for the last lines of a QEMU that has ended | nil where they speak of no option.
-- places: where the options of its command line come from (lunik.plan.places). `cause` is what is
-- known of its trouble, in the place of its own words.
return function(live, places, lines, cause)
  local one, text, key = refusal.of(options_of(live, places), lines)
  local where = one and (one.of[key] or one.place)
  if not where or where.at == "" then return nil end
  return ("%s: %s: %s"):format(where.at, where.path, cause or "QEMU: " .. text)
end

-- SPDX-License-Identifier: MIT
-- Whether devices could all be plugged, one after the other: they are checked and drawn as they
-- would be, each with a port that is free beside those of the others, and nothing is carried out.
-- Policies are not asked.
local devices = require "lunik.hotplug.devices"
local growth = require "lunik.machine.need.growth"
local plug = require "lunik.hotplug.plug"
local request = require "lunik.hotplug.request"

local trial = {}

local function named(family, why, code) return nil, ("%s: %s"):format(family, why), code end

-- The drawing of one: it, and how much memory it adds | nil, why, code
local function draw(context, one, coming)
  local item, why, code = request.check(context, one.family, one.fields, { dir = one.dir })
  if not item then return nil, why, code end
  local needs = item.row.needs and item.row.needs(item, context.plan) or {}
  local much = type(needs.growth) == "number" and needs.growth or 0
  why = much > 0 and growth.beyond(context, much, coming)
  if why then return named(one.family, why, "unsupported") end
  local drawing
  drawing, why, code = plug.draw(context, item)
  if not drawing then return named(one.family, why, code) end
  return drawing, much
end

-- list: { family, fields, dir }, or { memory } for so many bytes of it. Gives { why, code } of each
-- that could not come, by its place.
function trial.run(context, list)
  local failed, drawings, coming = {}, {}, 0
  local ok, reason, word = devices.reconcile(context)
  for i, one in ipairs(list) do
    local drawing, why, code
    if not ok then
      why, code = reason, word
    elseif one.memory then
      why, code = growth.beyond(context, one.memory, coming), "unsupported"
    else
      drawing, why, code = draw(context, one, coming)
    end
    if drawing then
      drawings[#drawings + 1], coming, why = drawing, coming + why, nil
    end
    failed[i] = why and { why = why, code = code } or nil
  end
  for _, drawing in ipairs(drawings) do drawing:discard() end
  return failed
end

return trial

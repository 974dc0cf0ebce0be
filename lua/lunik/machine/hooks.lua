-- SPDX-License-Identifier: MIT
-- The hooks that a recipe has written: each at a point that exists, each a function.
local check = require "lunik.check"
local device = require "lunik.device"
local hook = require "lunik.hook"
local kind = require "lunik.kind"
local plain = require "lunik.plain"
local suggest = require "lunik.suggest"

local hooks = {}

local function hook_hint(point)
  local names = {}
  for i, row in ipairs(hook.rows) do names[i] = row.name end
  local near = type(point) == "string" and suggest.hint(point, names) or ""
  return near ~= "" and near or "; there are: " .. table.concat(names, ", ")
    .. ", and QEMU's events"
end

-- The hooks of a draft, in written order: { point, fn, at, position }.
function hooks.read(draft, problems)
  local out = {}
  for _, entry in ipairs(draft.hooks) do
    local point, fn = entry.fields[1], entry.fields[2]
    if type(point) ~= "string" or not hook.find(point) then
      check.add(problems, entry.at, "on", ("no hook point %s%s"):format(kind.show(point),
        hook_hint(point)))
    elseif type(fn) ~= "function" or plain.shown(fn) then
      check.add(problems, entry.at, "on", ("'%s': a function expected, got %s"):format(point,
        fn == nil and "nothing" or kind.show(fn)))
    else
      out[#out + 1] = { point = point, fn = fn, at = check.place(entry.at), position = entry.at }
    end
  end
  return out
end

-- The policies of a draft, { family, fn, at } in written order: functions among the fields of
-- hotplug {}, which are checked with the others (lunik.device.hotplug.pcie).
function hooks.policies(draft)
  local out = {}
  for _, entry in ipairs(draft.items) do
    if entry.word == "hotplug" then
      for _, row in ipairs(device.row("hotplug", "pcie").fields) do
        local fn = row.policy and entry.fields[row[1]]
        if fn then out[#out + 1] = { family = row[1], fn = fn, at = check.place(entry.at) } end
      end
    end
  end
  return out
end

return hooks

-- SPDX-License-Identifier: MIT
-- The functions of two readings of a recipe: which hooks and policies another takes the place of.
-- All are replaced at once, by step { "code", hooks, policies }: what of the outline of the running
-- machine differs then, { gone, come } of its hooks, { item, field, value } of its policies.
local match = require "lunik.change.match"
local points = require "lunik.hook.points"
local shown = require "lunik.change.shown"

local code = {}

local OVER = { starting = "is called when the machine starts",
               ready = "has been called: the machine was ready" }

-- Why another hook of that point would not be called any more | nil
local function late(point, state)
  local row = points.find(point)
  local once = row and row.once
  if once == "starting" or once == "ready" and state.ready then return OVER[once] end
end

-- The hooks that differ, a change each: { sign, point, at, fate, why, step }.
function code.hooks(before, after, state)
  local pairs_of, gone, come = match.hooks(before, after)
  local list = {}
  local function add(sign, old, new)
    local hook = new or old
    local why = late(hook.point, state)
    list[#list + 1] = { sign = sign, what = "hook " .. hook.point, at = hook.at, details = {},
                        fate = why and "restart" or "hot", why = why,
                        step = not why and { "code", { gone = old, come = new } } or nil }
  end
  for _, pair in ipairs(pairs_of) do add("~", pair[1], pair[2]) end
  for _, hook in ipairs(come) do add("+", nil, hook) end
  for _, hook in ipairs(gone) do add("-", hook) end
  return list
end

-- Of the fields of an item that differ, those that are policies, and the others.
function code.policies(details, item)
  local policies, others = {}, {}
  for _, one in ipairs(details) do
    local row = one.field and shown.row(item, one.field)
    table.insert(row and row.policy and policies or others, one)
  end
  return policies, others
end

return code

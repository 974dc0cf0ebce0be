-- SPDX-License-Identifier: MIT
-- What is not as it was when a machine was started: its snapshot held against the one by which it
-- would be started now.
local machines = require "lunik.supervisor.machines"
local printable = require "lunik.text.printable"
local snapshot = require "lunik.recipe.snapshot"
local sorted = require "lunik.text.sorted"

local since = {}

-- What says where something stands in the recipe, whose path may be spelled in other ways.
local WHERE = { at = true, places = true }

-- Whether two plans are the same, but for how the recipe's lines are called.
local function same(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  for key, value in pairs(a) do
    if not WHERE[key] and not same(value, b[key]) then return false end
  end
  for key in pairs(b) do
    if not WHERE[key] and a[key] == nil then return false end
  end
  return true
end

-- The names under which two tables differ, sorted.
local function differing(a, b)
  local names = {}
  for key, value in pairs(a) do
    if b[key] ~= value then names[key] = true end
  end
  for key, value in pairs(b) do
    if a[key] ~= value then names[key] = true end
  end
  return sorted(names)
end

local function table_of(value) return type(value) == "table" and value or {} end

-- What --set says, as it is typed; nothing is what it said before.
local function settings(before, now)
  local list = {}
  if next(now) == nil or #differing(before, now) == 0 then return list end
  for _, name in ipairs(sorted(now)) do
    list[#list + 1] = ("--set %s=%s"):format(name, tostring(now[name]))
  end
  return list
end

-- What differs, as a list of words, and what of it --set says.
local function differences(before, now)
  local list, set = {}, settings(before.recipe.set, now.recipe.set)
  for _, path in ipairs(differing(table_of(before.recipe.inputs.files), now.recipe.inputs.files)) do
    list[#list + 1] = path:match "[^/]*$"
  end
  table.move(set, 1, #set, #list + 1, list)
  for _, name in ipairs(differing(table_of(before.recipe.inputs.env), now.recipe.inputs.env)) do
    list[#list + 1] = "the variable " .. name
  end
  local settled = #differing(before.recipe.set, now.recipe.set) == 0
  if #list == 0 and settled and not same(before.plan, now.plan) then
    list[1] = "what lunik makes of its recipe on this host"
  end
  return list, set
end

-- Says of a machine that runs what differs from what would be started by the snapshot `now`, and
-- what to type | nil where that is nothing of this machine's.
function since.told(name, now)
  local before = snapshot.of_directory(machines.runtime(name))
  if not before or before.recipe.file ~= now.recipe.file then return nil end
  local list, set = differences(before, now)
  if #list == 0 then return "its recipe has not changed since" end
  return printable(("changed since: %s; lunik restart %s takes it"):format(table.concat(list, ", "),
    table.concat({ name, table.unpack(set) }, " ")))
end

return since

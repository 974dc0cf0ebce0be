-- SPDX-License-Identifier: MIT
-- The variables of the environment that a machine's recipe took when it was started, for the next
-- start. Which there were is kept with the machine; their values may be secrets, so they are in
-- the snapshot of the runtime directory only, which goes with the machine.
local core = require "lunik.core"
local host = require "lunik.host"
local portable = require "lunik.store.portable"
local snapshot = require "lunik.recipe.snapshot"

local variables = {}

-- What is written down of a recipe's inputs.env: { name, set }, a list by name.
function variables.names(env)
  local list = core.json.array {}
  for name, value in pairs(env) do
    list[#list + 1] = { name = portable.text(name), set = value ~= false }
  end
  table.sort(list, function(a, b) return portable.bytes(a.name) < portable.bytes(b.name) end)
  return list
end

-- name -> whether it was set, from what is remembered of a machine.
local function were_set(before)
  local out = {}
  for _, one in ipairs(before.variables or {}) do out[one.name] = one.set end
  return out
end

-- name -> value, or false for one that was not set, of a machine that is there; else {}.
local function values(name)
  local kept = snapshot.of_directory(require "lunik.supervisor.machines".runtime(name))
  local out = {}
  local env = kept and kept.recipe.inputs.env
  for variable, value in pairs(type(env) == "table" and env or {}) do
    if type(value) == "string" or value == false then out[variable] = value end
  end
  return out
end

-- What is to be told of a variable that differs, or nil.
local function difference(name, now, value, was_set)
  if not now and value then
    return name .. " is not set: it stays what it was when the machine was started"
  elseif not now and was_set then
    return name .. " is not set; it was when the machine was started"
  elseif now and value and now ~= value then
    return name .. " is set to another value than when the machine was started"
  elseif now and (value == false or value == nil and was_set == false) then
    return name .. " is set; it was not when the machine was started"
  end
end

-- This host as the recipe of machine `name` sees it when it is read again: a variable that is not
-- set has the value that it had. And a list of what differs, which grows while the recipe is read.
-- `before` is what is remembered of the machine.
function variables.host(name, before)
  local known, was_set, told, seen = values(name), were_set(before), {}, {}
  local function env(variable)
    local now = host.env(variable)
    local text = not seen[variable]
      and difference(variable, now, known[variable], was_set[variable])
    if text then told[#told + 1] = text end
    seen[variable] = true
    return now or known[variable] or nil
  end
  return setmetatable({ env = env }, { __index = host }), told
end

return variables

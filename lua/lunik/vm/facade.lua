-- SPDX-License-Identifier: MIT
-- The vm that hooks, policies and programs are given: the methods that lunik.vm.methods has rows
-- for, `name`, `facts`, and nothing else. What is behind it cannot be reached through it.
local codes = require "lunik.codes"
local methods = require "lunik.vm.methods"
local signature = require "lunik.vm.signature"
local suggest = require "lunik.text.suggest"

local facade = {}

-- What is behind a handle, for `facade.ask` alone.
local behind = setmetatable({}, { __mode = "k" })

local function results(row, value, why, code)
  if value == nil then return nil, why, codes.word(code) end
  if row.lua then return row.lua(value) end
  return value
end

local function bound(row, target, act)
  return function(_, ...)
    return results(row, act(target, signature.read(row, ...)))
  end
end

local function unknown(place, name)
  local names = { "facts", "name" }
  for _, row in ipairs(methods.all()) do
    if (row.only or place) == place then names[#names + 1] = row.name end
  end
  return ("vm has no '%s'%s"):format(tostring(name), suggest.hint(tostring(name), names))
end

local function frozen(of, what)
  return setmetatable({}, { __metatable = false, __index = of,
    __pairs = function() return next, of end,
    __newindex = function() error(what .. " is to be read only", 2) end })
end

-- A handle on `target`, in a place ("machine", "attached"). `act(row)` gives the function that
-- carries a row out there: fn(target, asked). `facts` is a table of plain values; `close` is what a
-- `<close>` variable calls.
function facade.new(target, place, act, facts, close)
  local members = { name = target.name, facts = frozen(facts, "vm.facts") }
  local handle = setmetatable({}, { __metatable = false, __name = "lunik.vm", __close = close,
    __index = function(_, name)
      local member = members[name]
      if member ~= nil then return member end
      local row, why = methods.find(name)
      if not row or (row.only or place) ~= place then error(why or unknown(place, name), 2) end
      members[name] = bound(row, target, act(row))
      return members[name]
    end,
    __newindex = function(_, name)
      error(("vm.%s: nothing can be written to the vm"):format(tostring(name)), 2)
    end })
  behind[handle] = { target = target, place = place, act = act }
  return handle
end

-- Calls a method with named arguments, as the control socket has them, for programs that are not
-- written in Lua (lunik.embed): its value and its row | nil, why, code
function facade.ask(handle, name, asked)
  local it, row = behind[handle], methods.find(name)
  if not row or (row.only or it.place) ~= it.place then
    return nil, unknown(it.place, name), "missing"
  end
  local why = signature.wrong(row, asked)
  if why then return nil, ("vm:%s: %s"):format(name, why), "invalid" end
  local value, problem, code = it.act(row)(it.target, asked)
  if value == nil then return nil, problem, codes.word(code) end
  return value, row
end

return facade

-- SPDX-License-Identifier: MIT
-- Announces an event of an extension's: hooks hear of it, and whoever listens.
local events = require "lunik.vm.events"
local extensions = require "lunik.extensions"
local points = require "lunik.hook.points"
local suggest = require "lunik.text.suggest"

-- What is wrong with what it carries | nil
local function wrong(row, data)
  local known = {}
  for _, member in ipairs(row.carries or {}) do
    local value = data[member.name]
    known[member.name] = true
    if value == nil and not member.optional then
      return ("%s is missing"):format(member.name)
    end
  end
  for name in pairs(data) do
    if not known[name] then return ("%s: it carries no such member"):format(tostring(name)) end
  end
end

-- true | nil, why, code
return function(vm, name, data)
  local row, why = extensions.row("events", name)
  if not row then
    return nil, why or ("no extension announces '%s'%s"):format(name,
      suggest.hint(name, extensions.names "events")), "missing"
  end
  data = data or {}
  why = wrong(row, data)
  if why then return nil, ("%s: %s"):format(name, why), "invalid" end
  local event = events.own(name, data)
  vm:hear(event)
  vm.dispatch:post(name, vm.handle, points.event(event))
  return true
end

-- SPDX-License-Identifier: MIT
-- Examples of what stands in a recipe: a row's own `example`, what is written between the braces;
-- where it has none and its kind has few values, one that is not the default. Every one is Lua.
local device = require "lunik.device"

local example = {}

-- A value that shows what the field is for | nil
local function value_of(row)
  if row.kind.name == "bool" then return tostring(not row.default) end
  for _, name in ipairs(row.kind.names or {}) do
    if name ~= row.default then return ('"%s"'):format(name) end
  end
end

-- A field as it is written, with what it needs beside it | nil
function example.field(row)
  if row.example then return row.example end
  local value = value_of(row)
  return value and ("%s = %s"):format(row.name, value)
end

-- Whether a text of fields gives one of this name.
local function gives(text, name)
  return (" " .. text):find("[%s,]" .. name .. " = ") ~= nil
end

-- The fields that every item of a kind has to have, but those that `own` gives, and `own`.
local function whole(family, kind, own)
  local parts = {}
  if kind ~= device.kinds(family)[1] and not gives(own, "kind") then
    parts[1] = ('kind = "%s"'):format(kind)
  end
  for _, row in ipairs(device.row(family, kind).known) do
    if row.required and not gives(own, row.name) then parts[#parts + 1] = example.field(row) end
  end
  parts[#parts + 1] = own
  return table.concat(parts, ", ")
end

-- An item with the field, or how it comes while the machine runs | nil
function example.item(family, kind, row)
  local own = example.field(row)
  if not own then return nil end
  local later = (device.family(family).example or ""):find "^vm:plug"
  local form = later and 'vm:plug("%s", { %s })' or "%s { %s }"
  return form:format(family, whole(family, kind, own))
end

-- Calls fn(name, kind, row) for every field of a family's; what kinds share counts once.
local function each_field(family, fn)
  local seen = {}
  for _, kind in ipairs(device.kinds(family)) do
    for _, row in ipairs(device.row(family, kind).known) do
      local name = family .. "." .. row.name
      local same = name .. "\0" .. (row.doc or "")
      if not seen[same] then
        seen[same] = true
        fn(name, kind, row)
      end
    end
  end
end

-- What `lunik help disk.file` and the like can be asked for.
function example.topics()
  local list, seen = {}, {}
  for _, family in ipairs(device.all()) do
    each_field(family, function(name)
      if not seen[name] then seen[name], list[#list + 1] = true, name end
    end)
  end
  return list
end

-- The fields that such a topic means: a list of { row, shown }, which may be empty.
function example.find(topic)
  local list, family = {}, topic:match "^([%w_]+)%."
  if not family or not device.family(family) then return list end
  each_field(family, function(name, kind, row)
    if name == topic then
      list[#list + 1] = { row = row, shown = example.item(family, kind, row) }
    end
  end)
  return list
end

-- A machine with the field | nil
function example.machine(row)
  local own = example.field(row)
  return own and ("machine { %s }"):format(own)
end

return example

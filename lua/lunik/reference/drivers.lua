-- SPDX-License-Identifier: MIT
-- Types for editors of what a QEMU tells of itself (lunik.host.caps): a class for each device and
-- each object type that can be made, with its properties. CPUs have none: the features of all of
-- them are the same hundreds.
local value = require "lunik.verify.value"

local LARGEST = 300000     -- bytes of a file: language servers leave out what has more than 400 kB

local HEAD = "---@meta\n-- Printed by `lunik types` from what QEMU %s tells of itself.\n"

-- What stands beside the properties.
local own = {
  device = { '---@field [1] %q', '---@field id? string', '---@field bus? string' },
  object = { '---@field [1] %q', '---@field id string' },
}

local types = { bool = "boolean", size = "integer|string", slot = "integer|string" }

local function quoted(names)
  local out = {}
  for i, name in ipairs(names) do out[i] = ("%q"):format(name) end
  return table.concat(out, "|")
end

-- Properties of type int may be sizes: "512M".
local function type_of(row)
  local kind = row[2]
  if types[kind] then return types[kind] end
  if kind:find "^u?int" then return "integer|string" end
  local words = value.words(row)
  if not words then return "string" end
  return (words[1] == "on" and "boolean|" or "") .. quoted(words)
end

local function note(row)
  local parts = {}
  if row[5] ~= "" and row[5] ~= "on/off" then parts[1] = row[5] end
  if row[3] ~= "" then parts[#parts + 1] = ("(default: %s)"):format(row[3]) end
  return (table.concat(parts, " "):gsub("%s+", " "))
end

-- A property as a recipe writes it: what is no name in brackets.
local function written(name)
  local word = name:gsub("%-", "_")
  return word:find "^[%a_][%w_]*$" and word or ("[%q]"):format(name)
end

local drivers = {}

-- The class of a device or an object type.
function drivers.class(kind, name)
  return ("lunik.%s.%s"):format(kind, (name:gsub("[^%w_]", "_")))
end

local function class(kind, name, rows)
  local out, seen = { "---@class " .. drivers.class(kind, name) }, { id = true, bus = true }
  for i, line in ipairs(own[kind]) do out[i + 1] = line:format(name) end
  for i = 2, #rows do
    local row = rows[i]
    local key = written(row[1])
    if row[1] == "?" then
      -- QEMU ends when it is asked for them
      out[#out + 1] = "---@field [string] any"
    elseif not seen[key] then
      seen[key] = true
      out[#out + 1] = ("---@field %s? %s %s"):format(key, type_of(row), note(row))
    end
  end
  out[#out + 1] = ""
  return table.concat(out, "\n")
end

-- Those that a recipe can make: devices for users, and no CPUs.
local function made(known, kind)
  local list = {}
  for _, name in ipairs(known:names(kind)) do
    local head = known:head(kind, name)
    if kind == "object" or head[4] == "yes" and not name:find "%-cpu$" then
      list[#list + 1] = name
    end
  end
  return list
end

-- The constructor, by whose first word an editor finds the class.
local function constructor(kind, names)
  local out = {}
  for i, name in ipairs(names) do
    out[i] = ("---@overload fun(fields: %s): lunik.item"):format(drivers.class(kind, name))
  end
  out[#out + 1] = ("---@param fields table\n---@return lunik.item\n"
    .. "function %s(fields) end\n"):format(kind)
  return table.concat(out, "\n")
end

-- Texts of at most LARGEST bytes: { text, … }
local function files(head, parts)
  local list, pieces, size = {}, { head }, #head
  for _, part in ipairs(parts) do
    if size + #part > LARGEST then
      list[#list + 1] = table.concat(pieces, "\n")
      pieces, size = { head }, #head
    end
    pieces[#pieces + 1], size = part, size + #part + 1
  end
  list[#list + 1] = table.concat(pieces, "\n")
  return list
end

-- The files of what QEMU knows: { { name, text }, … }, and how many there are of each kind.
function drivers.files(known)
  local list, counts = {}, {}
  for _, kind in ipairs { "device", "object" } do
    local names = made(known, kind)
    local parts = { constructor(kind, names) }
    for i, name in ipairs(names) do parts[i + 1] = class(kind, name, known:section(kind, name)) end
    counts[kind] = #names
    for i, text in ipairs(files(HEAD:format(known:version()), parts)) do
      list[#list + 1] = { ("%s-%d.lua"):format(kind, i), text }
    end
  end
  return list, counts
end

return drivers

-- SPDX-License-Identifier: MIT
-- The text behind an option as the arguments of a recipe's constructor.
local flat = require "lunik.qemu.flat"
local keys = require "lunik.qemu.keys"
local qemu = require "lunik.qemu"
local sorted = require "lunik.text.sorted"

local arguments = {}

-- Grammars whose text is pairs with a comma between.
local paired = { opts = true, keyval = true, cpu = true, global = true }

-- Kinds whose whole numbers are written as numbers, not as text.
local numeric = { int = true, size = true, mebibytes = true, power_of_two = true }

-- QEMU itself takes `_` for `-` in -machine's keys, and x86 in -cpu's
-- (softmmu/vl.c:keyval_dashify, target/i386/cpu.c:feat2prop).
local function takes_dashes(row, x86) return row.name == "machine" or row.name == "cpu" and x86 end

-- A value that was read before the row of its key was known, as that row has it.
local function retyped(found, value)
  local kind = found and found.kind.name
  if not found or kind == "on_off" or kind == "on_off_or" or numeric[kind] then return value end
  if type(value) == "boolean" then return value and "on" or "off" end
  return math.type(value) == "integer" and tostring(value) or value
end

local function dash(row, args)
  local form = keys.form(row, args)
  for _, name in ipairs(sorted(args)) do
    local plain = name:gsub("(.)_", "%1-"):gsub("(.)_", "%1-")
    if args[plain] == nil then
      args[plain], args[name] = retyped(keys.find(row, form, plain), args[name]), nil
    end
  end
end

-- Keeps one value of a key that stands twice, as QEMU does: the last, of id the first.
local function only_last(row, args, notes)
  if row.grammar == "keyval" or not paired[row.grammar] then return end
  local form, twice = keys.form(row, args), {}
  for name, value in pairs(args) do
    if type(value) == "table" and #value > 1 then twice[name] = value end
  end
  for _, name in ipairs(sorted(twice)) do
    local value, found = twice[name], keys.find(row, form, name)
    if found and not found.repeats or name == "id" then
      args[name] = value[name == "id" and 1 or #value]
      notes[#notes + 1] = ("%s stood %d times; QEMU takes the %s"):format(name, #value,
        name == "id" and "first" or "last")
    end
  end
end

-- Makes tables of dotted keys, where the option has such.
local function nest(args)
  for _, name in ipairs(sorted(args)) do
    local value = args[name]
    if name:find(".", 1, true) then
      args[name] = nil
      if not flat.set(args, name, value) then args[name] = value end
    end
  end
end

-- Moves the first value in front, without its key; a number where it can only be one.
local function put_first(row, args)
  local implied = row.implied
  if row.grammar == "cpu" then return end
  local named = implied and args[implied]
  if args[1] == nil and (type(named) == "string" or math.type(named) == "integer") then
    args[1], args[implied] = args[implied], nil
  end
  local found = implied and keys.find(row, nil, implied)
  local kind = row.kind or found and found.kind
  if numeric[kind and kind.name] and type(args[1]) == "string" then
    local whole = math.tointeger(tonumber(args[1]))
    if whole and tostring(whole) == args[1] then args[1] = whole end
  end
end

-- Notes what QEMU ignores in a short form of a character backend, since no recipe can say it.
local function ignored(row, text, more)
  if row.grammar ~= "chardev" or text:gsub("^mon:", ""):find "^chardev:" then return nil end
  return more or text:match "[,:](id=[^,]*)"
end

-- The text behind an option as the arguments of a recipe's constructor, notes, and whether it was
-- JSON | nil, why.
function arguments.read(row, text, x86)
  local args, why = qemu.read(row.name, text or "")
  if not args then return nil, why end
  local unread = ignored(row, text, why)
  if unread then return nil, ("QEMU takes no notice of '%s'"):format(unread) end
  local notes, json = {}, row.json and text and text:find "^%s*{" ~= nil
  if not json then only_last(row, args, notes) end
  put_first(row, args)
  if row.nested and not json then nest(args) end
  if takes_dashes(row, x86) then dash(row, args) end
  return args, notes, json
end

return arguments

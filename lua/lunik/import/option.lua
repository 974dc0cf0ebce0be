-- SPDX-License-Identifier: MIT
-- One option of a command line as an item of a recipe: qemu.NAME and its values, or raw with
-- the reason. An item: { row, args, parts = Lua text of its values, words, notes, json } or
-- { raw = why, words, notes }.
local flat = require "lunik.qemu.flat"
local keys = require "lunik.qemu.keys"
local qemu = require "lunik.qemu"
local default = require "lunik.import.default"
local parts = require "lunik.import.parts"
local remark = require "lunik.import.remark"
local sorted = require "lunik.text.sorted"

local option = {}

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
  local form = keys.form(row, args)
  for _, name in ipairs(sorted(args)) do
    local value = args[name]
    local list = type(value) == "table" and #value > 1
    local found = list and keys.find(row, form, name)
    if list and (found and not found.repeats or name == "id") then
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

-- Whether a JSON object has a name with a dot: there it is one name, in key=value it would be two.
local function has_dots(list)
  for name, value in pairs(list) do
    if type(name) == "string" and name:find(".", 1, true) then return true end
    if type(value) == "table" and has_dots(value) then return true end
  end
end

local function has_list(args)
  for _, value in pairs(args) do
    if type(value) == "table" and value[1] ~= nil then return true end
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
function option.args(row, text, x86)
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

local function typed(row, text, x86)
  local args, notes, json = option.args(row, text, x86)
  if not args then return nil, notes end
  if json and row.name == "device" and has_list(args) then
    return nil, "a list, which only JSON can say"
  elseif json and (row.grammar == "keyval" or row.nested) and has_dots(args) then
    return nil, "a name with a dot, which only JSON can say"
  end
  local texts, why = parts.of(row, args, text or "")
  if not texts then return nil, why end
  notes[#notes + 1] = remark.of(row, args)
  return { row = row, args = args, parts = texts, notes = notes, json = json, text = text }
end

-- Options that were read before: in a batch they come again and again. What is kept here is never
-- changed.
local kept, count, most = {}, 0, 10000

function option.forget()
  kept, count = {}, 0
  parts.forget()
end

local function remembered(row, text, x86)
  local list = kept[row]
  if not list then
    list = {}
    kept[row] = list
  end
  local id = text or ""
  if row.name == "cpu" and not x86 then id = "not x86 " .. id end
  local found = list[id]
  if not found then
    local why
    found, why = typed(row, text, x86)
    found = found or { raw = why }
    count = count + 1
    if count > most then option.forget() else list[id] = found end
  end
  return found
end

local about_item = { __index = function(item, key) return item.made[key] end }

local function has_unknown(list)
  for _, word in ipairs(list) do
    if word:find("\0", 1, true) then return true end
  end
end

-- An item for an option that words.split found. Words with NUL bytes hold what nobody could
-- expand: `shown` says how to print them. `x86`: the guest is one.
function option.item(found, shown, x86)
  local item = { words = found.words, found = found }
  if shown and has_unknown(found.words) then
    item.left_out = shown(table.concat(found.words, " "))
    item.raw = "only running the script would tell"
  elseif found.lacks then
    item.raw = "its value is missing"
  elseif not found.row then
    item.raw = "no option of QEMU that lunik knows"
  else
    item.made = remembered(found.row, found.text, x86)
    return setmetatable(item, about_item)
  end
  return item
end

-- Makes the item say which of its values the environment can replace, of `all` defaults.
function option.replaceable(item, all)
  if not all then return end
  local there, clear = default.of(item.found, all)
  if #there == 0 then return end
  item.there, item.clear = there, clear
  if item.raw then return end
  local said, used = default.parts(item.parts, clear)
  if #used == 0 then return end
  item.made = setmetatable({ parts = said, printed = false }, { __index = item.made })
  item.used = used
end

-- Turns an item into raw words, with the reason; `always`: whatever it stands beside.
function option.give_up(item, why, always)
  if always and item.made then
    local made = item.made
    made.row, made.args, made.parts, made.notes, made.json, made.raw = nil, nil, nil, nil, nil, why
  end
  setmetatable(item, nil)
  item.made, item.raw, item.used = nil, why, nil
end

return option

-- SPDX-License-Identifier: MIT
-- One option of a command line as an item of a recipe: qemu.NAME and its values, or raw with
-- the reason. An item: { row, args, parts = Lua text of its values, words, notes, json } or
-- { raw = why, words, notes }.
local arguments = require "lunik.import.arguments"
local default = require "lunik.import.default"
local parts = require "lunik.import.parts"
local remark = require "lunik.import.remark"

local option = {}

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

local function typed(row, text, x86)
  local args, notes, json = arguments.read(row, text, x86)
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

-- SPDX-License-Identifier: MIT
-- One option of a command line as an item of a recipe: qemu.NAME and its values, or raw with
-- the reason. An item: { row, args, parts = Lua text of its values, words, notes, json } or
-- { raw = why, words, notes }.
local core = require "lunik.core"
local keys = require "lunik.qemu.keys"
local qemu = require "lunik.qemu"
local quote = require "lunik.import.quote"
local remark = require "lunik.import.remark"

local option = {}

-- Grammars whose text is pairs with a comma between.
local paired = { opts = true, keyval = true, cpu = true, global = true }

-- Kinds of which a whole number is written as one.
local numeric = { int = true, size = true, mebibytes = true, power_of_two = true }

-- QEMU itself takes `_` for `-` in -machine's keys, and x86 in -cpu's
-- (softmmu/vl.c:keyval_dashify, target/i386/cpu.c:feat2prop).
local function takes_dashes(row, x86) return row[1] == "machine" or row[1] == "cpu" and x86 end

local function dash(args)
  local names = {}
  for name in pairs(args) do
    if type(name) == "string" and name:find "[^_]_" then names[#names + 1] = name end
  end
  for _, name in ipairs(names) do
    local plain = name:gsub("(.)_", "%1-"):gsub("(.)_", "%1-")
    if args[plain] == nil then args[plain], args[name] = args[name], nil end
  end
end

local value_part

-- A table's members, named ones in the order of `rank`; or nil and what cannot be written.
local function members(list, path, spelled)
  local out, names = {}, {}
  for i, value in ipairs(list) do
    local part, why = value_part(value, ("%s.%d"):format(path, i - 1), spelled)
    if not part then return nil, why end
    out[i] = part
  end
  for name in pairs(list) do
    if math.type(name) ~= "integer" or name < 1 or name > #out then names[#names + 1] = name end
  end
  for _, name in ipairs(names) do
    if type(name) ~= "string" then return nil, path .. ": a list with a hole" end
  end
  spelled.sort(names)
  for _, name in ipairs(names) do
    local part, why = value_part(list[name], path .. "." .. name, spelled, name)
    if not part then return nil, why end
    out[#out + 1] = part
  end
  return out
end

local function joined(parts)
  local texts = {}
  for i, part in ipairs(parts) do texts[i] = type(part) == "table" and part.flat or part end
  return #texts == 0 and "{}" or "{ " .. table.concat(texts, ", ") .. " }"
end

local function scalar_text(value)
  if type(value) == "string" then return quote.string(value) end
  if type(value) == "boolean" or math.type(value) == "integer" then return tostring(value) end
  -- whole numbers beyond Lua's
  if type(value) == "userdata" and value ~= core.json.null then
    return quote.string(tostring(value))
  end
end

-- One value as text, or, of a table, { head, parts, flat = all on one line }; with `name`
-- in front. nil and why when no recipe can say it.
function value_part(value, path, spelled, name)
  local head = ""
  if name then
    local key = spelled.key(path, name)
    if not key then return nil, ("%s: no recipe can spell this key"):format(path) end
    head = key .. " = "
  end
  local text = scalar_text(value)
  if text then return head .. text end
  if type(value) ~= "table" then
    local what = value == core.json.null and "null" or tostring(value)
    return nil, ("%s: only JSON can say %s"):format(path, what)
  end
  local parts, why = members(value, path, spelled)
  if not parts then return nil, why end
  return { head = head, parts = parts, flat = head .. joined(parts) }
end

local function spelling(row, form, path, name)
  local plain = name:gsub("-", "_")
  local prefix = path:sub(1, #path - #name)
  if quote.is_name(plain) and keys.spelling(row, form, prefix .. plain) == path then
    return plain
  end
  return keys.spelling(row, form, path) == path and quote.key(name) or nil
end

-- How a recipe names a key so that QEMU gets it as it was (`-` may be `_`), by row and form;
-- nil when no recipe can.
local spelt = {}

local function speller(row, form)
  local id = row[1] .. " " .. (row.by and row.by[form] and form or "")
  local known = spelt[id]
  if not known then
    known = {}
    spelt[id] = known
  end
  return function(path, name)
    local text = known[path]
    if text == nil then
      text = spelling(row, form, path, name) or false
      known[path] = text
    end
    return text or nil
  end
end

-- Sorts names in the order of the text that they came from.
local function sorter(text)
  local padded = "," .. text
  return function(names)
    local place = {}
    for _, name in ipairs(names) do
      place[name] = padded:find("," .. name, 1, true) or padded:find('"' .. name .. '"', 1, true)
        or padded:find(name, 1, true) or #padded
    end
    table.sort(names, function(a, b)
      if place[a] ~= place[b] then return place[a] < place[b] end
      return a < b
    end)
  end
end

-- Lua text for each value, the positional ones first; or nil and why.
local function parts_of(row, args, text)
  local spelled = { key = speller(row, keys.form(row, args)), sort = sorter(text) }
  local parts, names = {}, {}
  for i, value in ipairs(args) do
    local part, why = value_part(value, tostring(i), spelled)
    if not part then return nil, why end
    parts[i] = part
  end
  for name in pairs(args) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  spelled.sort(names)
  for _, name in ipairs(names) do
    local part, why = value_part(args[name], name, spelled, name)
    if not part then return nil, why end
    parts[#parts + 1] = part
  end
  return parts
end

-- Of a key that stands twice QEMU takes the last; of id the first.
local function only_last(row, args, notes)
  if row.grammar == "keyval" or not paired[row.grammar] then return end
  local form = keys.form(row, args)
  for name, value in pairs(args) do
    local list = type(name) == "string" and type(value) == "table" and #value > 1
    local found = list and keys.find(row, form, name)
    if list and (found and not found.repeats or name == "id") then
      args[name] = value[name == "id" and 1 or #value]
      notes[#notes + 1] = ("%s stood %d times; QEMU takes the %s"):format(name, #value,
        name == "id" and "first" or "last")
    end
  end
end

-- JSON's "a.b" is one name, key=value's are two.
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

-- The first value goes without its key, and is a number where it can only be one.
local function put_first(row, args)
  local implied = row.implied
  if row.grammar == "cpu" then return end
  if implied and args[1] == nil and type(args[implied]) == "string" then
    args[1], args[implied] = args[implied], nil
  end
  local found = implied and keys.find(row, nil, implied)
  local kind = row.kind or found and found.kind
  if numeric[kind and kind.name] and type(args[1]) == "string" then
    local whole = math.tointeger(tonumber(args[1]))
    if whole and tostring(whole) == args[1] then args[1] = whole end
  end
end

local function typed(row, text, x86)
  local args, why = qemu.read(row[1], text or "")
  if not args then return nil, why end
  local notes, json = {}, row.json and text and text:find "^%s*{" ~= nil
  if not json then only_last(row, args, notes) end
  put_first(row, args)
  if takes_dashes(row, x86) then dash(args) end
  if json and row[1] == "device" and has_list(args) then
    return nil, "a list, which only JSON can say"
  elseif json and (row.grammar == "keyval" or row.nested) and has_dots(args) then
    return nil, "a name with a dot, which only JSON can say"
  end
  local parts
  parts, why = parts_of(row, args, text or "")
  if not parts then return nil, why end
  notes[#notes + 1] = remark.of(row, args)
  return { row = row, args = args, parts = parts, notes = notes, json = json, text = text }
end

-- The same options come again and again in a batch. What is kept is never changed.
local kept, count, most = {}, 0, 4096

local function remembered(row, text, x86)
  local list = kept[row]
  if not list then
    list = {}
    kept[row] = list
  end
  local id = text or ""
  if row[1] == "cpu" and not x86 then id = "not x86 " .. id end
  local found = list[id]
  if not found then
    local why
    found, why = typed(row, text, x86)
    found = found or { raw = why }
    count = count + 1
    if count > most then kept, spelt, count = {}, {}, 0 else list[id] = found end
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

-- Turns an item into raw words, with the reason; `always`: whatever it stands beside.
function option.give_up(item, why, always)
  if always and item.made then
    local made = item.made
    made.row, made.args, made.parts, made.notes, made.json, made.raw = nil, nil, nil, nil, nil, why
  end
  setmetatable(item, nil)
  item.made, item.raw = nil, why
end

return option

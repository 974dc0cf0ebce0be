-- SPDX-License-Identifier: MIT
-- A plan's command line word by word: what each option is, and where it comes from.
local check = require "lunik.schema.check"
local data = require "lunik.plan.data"
local flat = require "lunik.qemu.flat"
local keys = require "lunik.qemu.keys"
local origin = require "lunik.plan.origin"
local suggest = require "lunik.text.suggest"

local explain = {}

local LONGEST = 255        -- bytes of a name that can be one that was meant

local function text_of(value)
  if type(value) == "boolean" then return value and "on" or "off" end
  return tostring(value)
end

-- The keys of an entry in the order of the command line; one that has none there has those that it
-- was made from.
local function pairs_of(entry)
  local list = {}
  if entry.verbatim then
    for _, pair in ipairs(flat.pairs(entry.row, entry.args)) do
      list[#list + 1] = { pair[1], pair[2] }
    end
    return list
  end
  local shown = data.shown(entry)
  if shown[2] ~= nil and shown[2] ~= false then
    list[1] = { entry.row.implied or 1, shown[2] }
  end
  for i = 3, #shown, 2 do list[#list + 1] = { shown[i], shown[i + 1] } end
  return list
end

-- Where the recipe writes a key, where that is another line than that of the whole.
local function line_of(entry, key)
  local one = entry.item
  local at = one and one.option and one.at_of and one.at_of(key)
  local text = at and check.place(at)
  return text and text ~= check.place(one.at) and text or nil
end

local function key_of(entry, from, pair)
  local row, key = entry.row, pair[1]
  local found = type(key) == "string" and keys.find(row, keys.form(row, entry.args), key)
  local own = from.keys and from.keys[key]
  return { key = type(key) == "string" and key or nil, value = text_of(pair[2]),
    doc = found and found.doc or nil, from = own and origin.text(own) or line_of(entry, key) }
end

local function described(entry, from)
  if type(entry) == "string" then return { words = { entry }, keys = {}, origin = from } end
  local words, why = data.words(entry)
  if not words then return nil, why end
  local one = { words = words, option = entry.row.name, doc = entry.row.doc, keys = {},
                args = entry.args, origin = from }
  for _, pair in ipairs(pairs_of(entry)) do one.keys[#one.keys + 1] = key_of(entry, from, pair) end
  return one
end

-- The command line as a list of { words, option | nil, doc | nil, keys, origin }, in which a key is
-- { key | nil, value, doc | nil, from | nil: what it comes from where that is something else }.
-- `full` adds control. nil and why for a value that no command line can carry.
function explain.of(plan, full)
  local list = { { words = { plan.binary }, keys = {}, origin = plan.origins.program } }
  for _, entries in ipairs { plan.argv, full and plan.control or {} } do
    for i, entry in ipairs(entries) do
      local one, why = described(entry, plan.origins[entries][i])
      if not one then return nil, why end
      list[#list + 1] = one
    end
  end
  return list
end

-- What a word can be asked for by: the names for a suggestion.
local function names_of(one)
  local names = { table.unpack(one.words) }
  names[#names + 1] = one.option
  for _, each in ipairs(one.keys) do
    names[#names + 1] = each.key
    names[#names + 1] = each.value
    if each.key then names[#names + 1] = each.key .. "=" .. each.value end
  end
  return names
end

local function is_in(list, text)
  for _, each in ipairs(list) do
    if each == text then return true end
  end
end

-- How the words are held against a text: by name, else by any part of them.
local matchers = {
  is_in,
  function(names, text)
    for _, each in ipairs(names) do
      if each:find(text, 1, true) then return true end
    end
  end,
}

local function key_names(each) return { each.key, each.value, each.key and each.key .. "="
  .. each.value } end

-- The one with those of its keys that match alone, where some do.
local function narrowed(one, matches, text)
  local found = {}
  for _, each in ipairs(one.keys) do
    if matches(key_names(each), text) then found[#found + 1] = each end
  end
  return #found > 0 and setmetatable({ keys = found }, { __index = one }) or one
end

local function nearest(list, text)
  local names, seen = {}, {}
  for _, one in ipairs(list) do
    for _, name in ipairs(names_of(one)) do
      if not seen[name] and #name <= LONGEST then names[#names + 1], seen[name] = name, true end
    end
  end
  table.sort(names)
  return suggest.hint(text, names)
end

-- Those of a list that a text names, each with the keys that match | nil, why
function explain.find(list, text)
  for _, matches in ipairs(matchers) do
    local found = {}
    for _, one in ipairs(list) do
      if matches(names_of(one), text) then found[#found + 1] = narrowed(one, matches, text) end
    end
    if #found > 0 then return found end
  end
  return nil, ("no word of the command line is or has '%s'%s"):format(text, nearest(list, text))
end

local function whole(one) return table.concat(one.words, "\0") end

-- How many of each there are.
local function counted(list)
  local counts = {}
  for _, one in ipairs(list) do counts[whole(one)] = (counts[whole(one)] or 0) + 1 end
  return counts
end

-- Those of `list` that `other` does not have.
local function only_in(list, other)
  local counts, only = counted(other), {}
  for _, one in ipairs(list) do
    local text = whole(one)
    if counts[text] and counts[text] > 0 then
      counts[text] = counts[text] - 1
    else
      only[#only + 1] = one
    end
  end
  return only
end

-- What tells an option from others of its name: two of the same are one that has changed.
local function same(one, other)
  local a, b = one.args or {}, other.args or {}
  return one.option and one.option == other.option and a.id == b.id
         and a["node-name"] == b["node-name"]
end

-- What differs between two command lines: a list of { was | nil, is | nil }; and whether what does
-- not differ stands in another order.
function explain.difference(first, second)
  local gone, come, list = only_in(first, second), only_in(second, first), {}
  for _, was in ipairs(gone) do
    local change = { was = was }
    for i, is in ipairs(come) do
      if same(was, is) then
        change.is = table.remove(come, i)
        break
      end
    end
    list[#list + 1] = change
  end
  for _, is in ipairs(come) do list[#list + 1] = { is = is } end
  local moved = false
  for i, one in ipairs(#list == 0 and first or {}) do
    moved = moved or whole(one) ~= whole(second[i])
  end
  return list, moved
end

return explain

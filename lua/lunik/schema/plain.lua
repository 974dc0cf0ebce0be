-- SPDX-License-Identifier: MIT
-- Plain copies of what a recipe wrote: tables without metatables, held by nobody else,
-- within bounds. After this no code of the recipe runs when its values are looked at.
-- What is no value at all (an item, a table with a metatable, a text no command line can
-- carry) becomes a stand-in that no kind accepts and that `plain.shown` can name.
local item = require "lunik.schema.item"

local plain = {}

plain.longest = 131071          -- bytes of one argument: MAX_ARG_STRLEN, execve(2)
plain.most = 20000              -- values in one machine

local deepest = 8               -- tables in tables

local names = setmetatable({}, { __mode = "k" })

local function stand_in(what)
  local function value() end
  names[value] = what
  return value
end

-- What a stand-in stands for ("an item"), or nil.
function plain.shown(value) return type(value) == "function" and names[value] or nil end

-- The keys of a table, integers in order, then texts in order; or nil and what it is.
function plain.keys(list)
  local keys, texts = {}, {}
  for key in next, list do
    if #keys + #texts > plain.most then return nil, "a table that is too large" end
    if math.type(key) == "integer" then
      keys[#keys + 1] = key
    elseif type(key) == "string" and #key <= plain.longest then
      texts[#texts + 1] = key
    else
      return nil, "a table with a key that is neither a name nor a position"
    end
  end
  table.sort(keys)
  table.sort(texts)
  return table.move(texts, 1, #texts, #keys + 1, keys)
end

-- What is wrong with a key or with how many there are, or nil.
local function refused(key, count)
  if count > plain.most then return "a table that is too large" end
  if math.type(key) ~= "integer" and not (type(key) == "string" and #key <= plain.longest) then
    return "a table with a key that is neither a name nor a position"
  end
end

local copy

local function copy_table(value, counted, depth)
  if debug.getmetatable(value) then return stand_in "a table with a metatable" end
  if depth > deepest then return stand_in "tables nested too deep" end
  local out, count = {}, 0
  for key, each in next, value do
    count = count + 1
    local what = refused(key, math.max(count, counted.n))
    if what then return stand_in(what) end
    out[key] = copy(each, counted, depth + 1)
  end
  return out
end

-- A copy of `value`; counted.n grows by the values in it.
function copy(value, counted, depth)
  counted.n = counted.n + 1
  if item.open(value) then return stand_in "an item" end
  if type(value) == "table" then return copy_table(value, counted, depth or 1) end
  if type(value) == "string" and #value > plain.longest then
    return stand_in(("a text of %d bytes"):format(#value))
  end
  return value
end
plain.copy = copy

-- A copy of an item's fields: the table, or nil and what it is that cannot be taken.
function plain.fields(fields, counted)
  if debug.getmetatable(fields) then return nil, "a table with a metatable" end
  local out, count = {}, 0
  for key, value in next, fields do
    count = count + 1
    local what = refused(key, count)
    if what then return nil, what end
    if counted.n > plain.most then return nil, "a machine that is too large" end
    out[key] = copy(value, counted)
  end
  return out
end

return plain

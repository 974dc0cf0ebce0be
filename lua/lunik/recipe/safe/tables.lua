-- SPDX-License-Identifier: MIT
-- The table library as a recipe sees it: the same, but no call loops in C for longer
-- than the instruction budget would allow in Lua.
local tables = {}

-- Values that one call may move.
local most_values = 1 << 16

-- Bytes of a text made by table.concat.
local most_bytes = 64 << 20

-- The length of a plain list; raises for one with __len, which could name any length.
local function length(name, list)
  if type(list) ~= "table" then
    error(("table.%s: a table expected, got %s"):format(name, type(list)), 3)
  end
  local meta = debug.getmetatable(list)
  if meta and rawget(meta, "__len") ~= nil then
    error(("table.%s: not for a table with __len"):format(name), 3)
  end
  return #list
end

-- As the table library reads numbers: "7" is one too.
local function whole(value)
  return value ~= nil and math.tointeger(tonumber(value)) or nil
end

-- The difference of two integers may wrap; that of floats does not.
local function bounded(name, first, last)
  if first and last and last - 0.0 - first > most_values then
    error(("table.%s: more than %d values"):format(name, most_values), 3)
  end
end

local function insert(list, ...)
  local n = length("insert", list)
  if select("#", ...) == 2 then bounded("insert", whole((...)), n) end
  return table.insert(list, ...)
end

local function remove(list, at)
  local n = length("remove", list)
  bounded("remove", whole(at), n)
  if at == nil then return table.remove(list) end
  return table.remove(list, at)
end

local function less(a, b) return a < b end

-- The comparator is always Lua, so that every comparison is counted.
local function sort(list, before)
  length("sort", list)
  before = before or less
  table.sort(list, function(a, b) return before(a, b) end)
end

local function piece(value, index)
  if type(value) == "string" then return value end
  if type(value) == "number" then return tostring(value) end
  error(("table.concat: text expected at %d, got %s"):format(index, type(value)), 3)
end

local function concat(list, sep, i, j)
  local n, parts, total = length("concat", list), {}, 0
  sep = sep == nil and "" or piece(sep, 0)
  for index = i or 1, j or n do
    local text = piece(list[index], index)
    total = total + #text + #sep
    if total > most_bytes then
      error(("table.concat: more than %d bytes"):format(most_bytes), 2)
    end
    parts[#parts + 1] = text
  end
  return table.concat(parts, sep)
end

local function move(from, first, last, at, to)
  bounded("move", whole(first), whole(last))
  return table.move(from, first, last, at, to or from)
end

local function unpack(list, i, j)
  local n = length("unpack", list)
  bounded("unpack", whole(i) or 1, whole(j) or n)
  return table.unpack(list, i, j or n)
end

-- A fresh copy for one recipe.
function tables.new()
  return { concat = concat, insert = insert, move = move, pack = table.pack, remove = remove,
    sort = sort, unpack = unpack }
end

return tables

-- SPDX-License-Identifier: MIT
-- Compiles the rows of options into core.options' schema: the same checks in C, for command
-- lines that are plainly right. A kind that C does not have is OTHER: Lua looks at it.
local core = require "lunik.core"

local schema = {}

-- enum grammar of src/bind/schema.h
local flag, verbatim, pair_list, worded = 0, 1, 2, 3
local grammars = { flag = flag, text = verbatim, words = verbatim, geometry = verbatim,
  chardev = verbatim, opts = pair_list, keyval = pair_list, cpu = worded }

-- enum kind of src/bind/schema.h, by the kinds' names
local kinds = { any = 1, on_off = 2, one_of = 3, on_off_or = 4, int = 5, size = 6, mebibytes = 6,
  text = 7, path = 8, word = 9, address = 9, id = 10, ref = 11, uuid = 12, mac = 13 }

local compiler = {}
compiler.__index = compiler

function compiler:table(content)
  self.tables[#self.tables + 1] = content
  return #self.tables
end

function compiler:space(name)
  if not name then return 0 end
  if name == "node" then name = "drive" end
  self.spaces[name] = self.spaces[name] or self.count + 1
  self.count = math.max(self.count, self.spaces[name])
  return self.spaces[name]
end

local function set_of(names)
  local set = {}
  for _, name in ipairs(names) do set[name] = true end
  return set
end

-- A key's place in the schema's list.
function compiler:key(row, key)
  if self.placed[key] then return self.placed[key] end
  local kind, rank = key.kind, 1000
  for i, name in ipairs(row.order or {}) do
    if name == key[1] then rank = i end
  end
  local number = kinds[kind.name] or kind.names and kinds.one_of or 0
  if key.repeats or key[1]:find("*", 1, true) then number = 0 end
  local words = kind.names and self:table(set_of(kind.names)) or 0
  self.keys[#self.keys + 1] = { name = key[1], kind = number, words = words, rank = rank,
    least = kind.least or math.mininteger, most = kind.most or math.maxinteger,
    space = self:space(key.ref or kind.ref), required = key.required or false }
  self.placed[key] = #self.keys
  return #self.keys
end

-- A table from every spelling of a key to its place.
function compiler:names(row, ...)
  local names = { [0] = row.grammar == "cpu" and 1 or 0 }
  for _, list in ipairs { ... } do
    for _, key in ipairs(list) do
      local place = self:key(row, key)
      names[0] = names[0] + (key.required and 1 or 0)
      names[key[1]] = place
      names[key[1]:gsub("-", "_")] = place
    end
  end
  return self:table(names)
end

-- Short forms that are one word, "stdio".
local function short_words(row)
  local render, names = require "lunik.qemu.grammar.chardev".render, {}
  for form in pairs(row.by or {}) do
    if render { form } == form then names[#names + 1] = form end
  end
  return { "value", kind = { name = "one_of", names = names } }
end

local function first_key(row)
  if row.grammar == "chardev" then return short_words(row) end
  -- -cpu's first value is no key, though a key is called like it
  for _, key in ipairs(row.grammar ~= "cpu" and row.keys or {}) do
    if key[1] == row.implied then return key end
  end
  local kind = row.kind or require "lunik.qemu.kind".word
  if row.implied or row.kind then
    return { row.implied or "value", kind = kind, required = row.grammar == "cpu" }
  end
end

-- A table from every form to the names of its keys.
function compiler:forms(row)
  local forms = {}
  for form, list in pairs(row.by) do
    forms[form] = self:names(row, row.keys or {}, list)
    local number = row.discriminator and math.tointeger(tonumber(form))
    if number then forms[number] = forms[form] end
  end
  return self:table(forms)
end

function compiler:row(row)
  local first, own = first_key(row), row.keys or {}
  local out = { flag = "-" .. row[1], grammar = grammars[row.grammar],
    open = row.open and true or false, repeats = not row.once, form = row.discriminator,
    first = first and self:key(row, first) or 0, space = self:space(row.defines),
    names = self:names(row, own), forms = 0, id = 0 }
  if row.by and row.grammar ~= "chardev" then out.forms = self:forms(row) end
  for _, key in ipairs(own) do
    if key[1] == (row.id or "id") then out.id = self:key(row, key) end
  end
  return out
end

-- A row of a grammar that C does not have: all of its uses are left to Lua.
local function unread(row)
  return { flag = "-" .. row[1], grammar = verbatim, open = false, repeats = true,
    first = 0, names = 0, forms = 0, space = 0, id = 0 }
end

-- list: the rows, in the order in which options are written. The schema for core.options.
function schema.compile(list)
  local self = { tables = {}, keys = {}, placed = {}, spaces = {}, count = 0 }
  setmetatable(self, compiler)
  local rows, names, titles = {}, {}, {}
  for i, row in ipairs(list) do
    titles[i] = row[1]
    rows[i] = grammars[row.grammar] and self:row(row) or unread(row)
    names[row[1]], names[row[1]:gsub("-", "_")] = i, i
  end
  return core.options.compile { rows = rows, names = names, titles = titles,
    keys = self.keys, tables = self.tables }
end

return schema

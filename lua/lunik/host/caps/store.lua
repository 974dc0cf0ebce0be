-- SPDX-License-Identifier: MIT
-- What one QEMU knows as one text, of which a reader takes only what it asks for: a head that says
-- whose it is, an index, and a section for each thing. A section is a list of rows, a row a list of
-- texts.
--   lunik caps 4 <bytes of the index> <bytes of the whole> <sum of the index> <identity>\n
--   \n<kind> <name>\t<offset> <bytes> <sum>\n …
--   the sections
local core = require "lunik.core"

local store = {}

local HEAD = "^lunik caps 4 (%d+) (%d+) (%x+) ([^\n]*)\n"
local LONGEST_HEAD = 1024

-- Of the bytes of a text; it tells a damaged file, not a forged one: the cache is the user's own.
local function sum(text) return core.copy.sha256(text):sub(1, 16) end

local escapes = { ["\t"] = "\\t", ["\n"] = "\\n", ["\\"] = "\\\\" }
local characters = { t = "\t", n = "\n", ["\\"] = "\\" }

local function escape(text) return (tostring(text):gsub("[\t\n\\]", escapes)) end

local function unescape(text) return (text:gsub("\\(.)", characters)) end

local function text_of(rows)
  local lines = {}
  for i, row in ipairs(rows) do
    local cells = {}
    for j = 1, #row do cells[j] = escape(row[j]) end
    lines[i] = table.concat(cells, "\t")
  end
  lines[#lines + 1] = ""
  return table.concat(lines, "\n")
end

local function rows_of(text)
  local rows, escaped = {}, text:find("\\", 1, true)
  for line in text:gmatch "([^\n]*)\n" do
    local row, count = {}, 0
    for cell in line:gmatch "[^\t]*" do
      count = count + 1
      row[count] = escaped and unescape(cell) or cell
    end
    rows[#rows + 1] = row
  end
  return rows
end

-- sections: { { kind, name, rows }, … } -> the text.
function store.text(identity, sections)
  local index, bodies, offset = { "" }, {}, 0
  for i, section in ipairs(sections) do
    local body = text_of(section[3])
    index[i + 1] = ("%s %s\t%d %d %s"):format(section[1], section[2], offset, #body, sum(body))
    bodies[i], offset = body, offset + #body
  end
  index[#index + 1] = ""
  local list = table.concat(index, "\n")
  return ("lunik caps 4 %d %d %s %s\n"):format(#list, #list + offset, sum(list), identity)
    .. list .. table.concat(bodies)
end

local reader = {}
reader.__index = reader

-- The rows of a section's text; of one line.
store.rows = rows_of

function store.row(line) return rows_of(line .. "\n")[1] end

-- Where the index has the first of a kind: those of one lie beside each other, more or less.
local function first(self, kind)
  local at = self.firsts[kind]
  if not at then
    at = self.index:find("\n" .. kind .. " ", 1, true) or #self.index
    self.firsts[kind] = at
  end
  return at
end

-- Whether there is any section of a kind.
function reader:any(kind) return first(self, kind) < #self.index end

-- Whether there is a section.
function reader:has(kind, name)
  return self.index:find(("\n%s %s\t"):format(kind, name), first(self, kind), true) ~= nil
end

-- The text of a section | false for none | nil for one that is damaged.
function reader:text(kind, name)
  local found, stop = self.index:find(("\n%s %s\t"):format(kind, name), first(self, kind), true)
  if not found then return false end
  local offset, bytes, check = self.index:match("^(%d+) (%d+) (%x+)\n", stop + 1)
  local body = offset and self.read(self.start + offset, tonumber(bytes))
  if not body or #body ~= tonumber(bytes) or sum(body) ~= check then return nil end
  return body
end

-- The names of a kind, in order.
function reader:names(kind)
  local names = {}
  for name in self.index:gmatch("\n" .. kind .. " ([^\t]*)", first(self, kind)) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- A reader of what `read(offset, bytes)` gives, if it is `identity`'s and whole | nil.
function store.open(identity, size, read)
  local head = read(0, LONGEST_HEAD)
  local index, whole, check, whose = (head or ""):match(HEAD)
  if not index or whose ~= identity then return nil end
  local start = head:find("\n", 1, true)
  local list = read(start, tonumber(index))
  if start + tonumber(whole) ~= size or not list or sum(list) ~= check then return nil end
  return setmetatable({ index = list, read = read, start = start + #list, firsts = {} }, reader)
end

return store

-- SPDX-License-Identifier: MIT
-- A command line as its options: { name, row, args, text, at, json, form } each, in order; `why`
-- in the place of `args` where the text cannot be read. With them what all rules ask of the line
-- as a whole: its board, its target, whether it reads options from where they are not seen. Those
-- of a -readconfig that can be read stand behind it, `from` = { file, line } each.
local keys = require "lunik.qemu.keys"
local arguments = require "lunik.import.arguments"
local sections = require "lunik.qemu.sections"
local words = require "lunik.import.words"

local line = {}
line.__index = line

-- The entries of an option, in order.
function line:all(name) return self.by[name] or {} end

-- The last entry of an option | nil
function line:last(name)
  local list = self.by[name]
  return list and list[#list]
end

-- A key of an entry, whichever way it is spelled.
function line.value(entry, key)
  local args = entry.args or {}
  if args[key] ~= nil then return args[key] end
  local row = entry.row
  if row and row.implied == key and args[1] ~= nil then return args[1] end
  return args[(key:gsub("-", "_"))]
end

local function entry_of(found, x86)
  local name = found.row and (found.row.name or found.row[1])
    or found.words[1]:match "^%-%-?(.*)$"
  local entry = { name = name, row = found.row, text = found.text, at = found.at,
    lacks = found.lacks, words = found.words, positional = found.positional }
  if not found.row or found.lacks then return entry end
  local args, notes, json = arguments.read(found.row, found.text, x86)
  if not args then
    entry.why = notes
    return entry
  end
  entry.args, entry.notes, entry.json = args, notes, json
  entry.form = keys.form(found.row, args)
  return entry
end

-- The board that is asked for: its name, or nil for QEMU's own choice.
local function board(self)
  local name
  for _, entry in ipairs(self:all "machine") do
    local given = line.value(entry, "type")
    if type(given) == "string" then name = given end
  end
  return name
end

local function add(self, found, x86)
  local entry = entry_of(found, x86)
  self[#self + 1] = entry
  self.by[entry.name] = self.by[entry.name] or {}
  table.insert(self.by[entry.name], entry)
  return entry
end

-- Adds what a -readconfig brings. What is wrong with the file itself is kept with the entry.
local function include(self, entry, read, x86)
  local text = read and entry.text and read(entry.text)
  if not text then
    self.open = true
    return
  end
  local list
  list, entry.faults = sections(text)
  self.open = self.open or #entry.faults > 0
  for _, found in ipairs(list) do
    found.at = entry.at
    add(self, found, x86).from = { file = entry.text, line = found.line }
  end
end

-- read(path): the text of a file | nil
return function(argv, read)
  local list = words.split(argv)
  local self = setmetatable({ by = {}, program = list.program }, line)
  self.arch = list.program and words.arch(list.program) or "x86_64"
  local x86 = self.arch == "x86_64" or self.arch == "i386"
  self.open = false
  for _, found in ipairs(list) do
    local entry = add(self, found, x86)
    if entry.name == "readconfig" then include(self, entry, read, x86) end
  end
  self.board = board(self)
  return self
end

-- SPDX-License-Identifier: MIT
-- A file of -readconfig as the options that it stands for, read as QEMU reads it
-- (util/qemu-config.c): sections, in each of them keys with a value in double quotes.
local core = require "lunik.core"
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"
local suggest = require "lunik.text.suggest"

local MOST = 1000          -- sections of a file

-- Sections that are called otherwise than their option.
local options = { memory = "m", ["smp-opts"] = "smp", ["boot-opts"] = "boot" }

-- Options of keys and values that have no section.
local none = { acpitable = true, m = true, smp = true, boot = true }

-- The row of a section's option | nil
local function row_of(section)
  local row = not none[section] and qemu.rows[options[section] or section]
  if not row then return nil end
  local may = row.grammar == "opts" or row.grammar == "global" or row.name == "machine"
  return (may or options[section]) and row or nil
end

local function names()
  local list = {}
  for _, name in ipairs(qemu.names()) do
    if row_of(name) then list[#list + 1] = name end
  end
  for name in pairs(options) do list[#list + 1] = name end
  table.sort(list)
  return list
end

local function no_section(name)
  for section, option in pairs(options) do
    if option == name then return ("no section '%s'; did you mean '%s'?"):format(name, section) end
  end
  if qemu.rows[name] then
    return ("'%s' is an option that no section stands for: write it on the command line"):format(
      name)
  end
  return ("no section '%s'%s"):format(name, suggest.hint(name, names()))
end

-- { section, id | nil } of a line that begins one | nil
local function head(line)
  local section, id = line:match '^%[%s*(%S+)%s*"([^"]+)"'
  if section then return section, id end
  return line:match "^%[([^%]]+)"
end

-- A key, its value as it is meant, and why QEMU takes it otherwise | nil: what QEMU cannot read
local function pair(line)
  local key, rest = line:match "^%s*(%S+)(.*)"
  local value = key and not key:find '[="]' and rest:match '^%s*=%s*"([^"]*)"'
  if value then return key, value end
  key, value = line:match '^%s*([^%s="]+)%s*=?%s*"?([^"]*)'
  if not key then return nil end
  value = value:gsub("%s+$", "")
  return key, value, ("a value stands in double quotes, with a space before the '=': %s = \"%s\"")
    :format(key, value)
end

local reader = {}
reader.__index = reader

function reader:fault(code, why, key)
  self.faults[#self.faults + 1] = { line = self.line, code = code, why = why, key = key }
end

function reader:begin(section, id)
  local row = row_of(section)
  self.current = { row = row, line = self.line, values = id and { id = id } or {},
                   order = id and { "id" } or {} }
  if not row then return self:fault("unknown-option", no_section(section), section) end
  if #self.list < MOST then self.list[#self.list + 1] = self.current end
end

function reader:set(line)
  local key, value, why = pair(line)
  local into = self.current
  if not into then
    self:fault("unreadable", "no section begins before it")
  elseif not key then
    self:fault("unreadable", ("%s is neither a section nor a key with its value"):format(
      kind.show(line)))
  else
    if into.values[key] == nil then into.order[#into.order + 1] = key end
    into.values[key] = value
    if why then self:fault("bad-value", why, key) end
  end
end

local function words_of(section)
  local entry = { "-" .. section.row.name, false }
  for _, key in ipairs(section.order) do
    entry[#entry + 1], entry[#entry + 2] = key, section.values[key]
  end
  return core.argv.render { entry }
end

-- The options of a file's text, { row, text, words, line } each; what is wrong with it,
-- { line, code, why, key | nil } each.
return function(text)
  local self = setmetatable({ list = {}, faults = {}, line = 0 }, reader)
  for line in (text:gsub("\n$", "") .. "\n"):gmatch "([^\n]*)\n" do
    self.line = self.line + 1
    local section, id = head(line)
    if section then
      self:begin(section, id)
    elseif line ~= "" and not line:find "^#" then
      self:set(line)
    end
  end
  local out = {}
  for _, section in ipairs(self.list) do
    local words = words_of(section)
    if words then
      out[#out + 1] = { row = section.row, text = words[2] or "", words = words,
                        line = section.line }
    end
  end
  return out, self.faults
end

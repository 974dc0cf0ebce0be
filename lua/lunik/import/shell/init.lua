-- SPDX-License-Identifier: MIT
-- Finds the QEMU command line in a shell script. Simple commands, quotes, continued lines,
-- variables and arrays are understood; no program is run, no condition is tried. What only
-- running the script could tell is left in the words between NUL bytes, which no argument
-- can have: shell.shown turns it back into what the script says.
local lexer = require "lunik.import.shell.lexer"
local words = require "lunik.import.words"

local shell = {}

-- Words in front of a command that are the shell's own.
local leading = {}
for word in ("if then elif else fi while until do done ! { } time export local declare readonly "
  .. "typeset command exec"):gmatch "%S+" do
  leading[word] = true
end

local conditional = { ["if"] = true, ["elif"] = true, ["else"] = true, ["while"] = true,
  ["until"] = true, ["for"] = true, case = true, ["&&"] = true, ["||"] = true }

local script = {}
script.__index = script

function script:note(text)
  if not self.said[text] then
    self.said[text] = true
    self.notes[#self.notes + 1] = text
  end
end

-- Blanks in it are no places to split at.
local function mark(source) return "\0" .. source:gsub("%z", ""):gsub("%s", "\1") .. "\0" end

-- The text as the script has it.
function shell.shown(text)
  return (text:gsub("%z([^%z]*)%z", function(source) return (source:gsub("\1", " ")) end))
end

local known = { HOME = "home", USER = "user", LOGNAME = "user" }

-- The value of a name: a text, a list, or nil.
function script:value(name)
  local value = self.vars[name]
  if value ~= nil then return value end
  return known[name] and self.host[known[name]]
end

-- ${NAME}, ${NAME:-default}, ${NAME[@]}; nil when only a shell could tell.
function script:parameter(text)
  local name, rest = text:match "^([%a_][%w_]*)(.*)$"
  if not name then name, rest = text:match "^(%d+)(.+)$" end
  if not name then return nil end
  local value = self:value(name)
  local index = rest:match "^%[(.-)%]$"
  if index then
    if index == "@" or index == "*" then return value end
    local at = math.tointeger(tonumber(index))
    return type(value) == "table" and at and value[at + 1] or nil
  end
  if type(value) == "table" then value = value[1] end
  local operator, other = rest:match "^(:?[-=+?])(.*)$"
  if rest == "" then return value end
  if not operator then return nil end
  local set = value ~= nil and (value ~= "" or operator:sub(1, 1) ~= ":")
  if operator:find "%+" then return set and self:text(other) or "" end
  if set then return value end
  if operator:find "?" then return nil end
  self:note(("$%s is not set here: its default is taken"):format(name))
  return self:text(other)
end

-- A text with expansions, as inside double quotes.
function script:text(source)
  local word = lexer.new('"' .. source:gsub('"', '\\"') .. '"'):word()
  return word and table.concat(self:fields(word)) or ""
end

-- What a part stands for: a text, or a list of words.
function script:part(part)
  if part.text then return part.text end
  if part.at == "@" or part.at == "*" then
    self:note(("%s: the script's own arguments are left out"):format(part.source))
    return {}
  end
  local value = part.var and self:parameter(part.var)
  if value ~= nil then return value end
  return mark(part.source)
end

local function split(text)
  local list = {}
  for field in text:gmatch "%S+" do list[#list + 1] = field end
  return list
end

-- The words that a word becomes. Unquoted values are split at blanks.
function script:fields(word)
  local out, open, gone = {}, nil, false
  local function add(text) open = (open or "") .. text end
  local function close()
    out[#out + 1] = open
    open = nil
  end
  for i, part in ipairs(word) do
    local value = self:part(part)
    if part.text then
      local home = i == 1 and not part.quoted and value:find "^~%f[/%z]"
      add(home and self.host.home .. value:sub(2) or value)
    elseif type(value) == "string" and part.quoted then
      add(value)
    else
      local list = type(value) == "table" and value or split(value)
      gone = gone or type(value) == "table" and #list == 0
      if type(value) == "string" and value:find "^%s" then close() end
      for n, each in ipairs(list) do
        if n > 1 then close() end
        add(each)
      end
      if type(value) == "string" and value:find "%s$" then close() end
    end
  end
  -- "$@" of nothing is no word at all
  if not (gone and open == "") then close() end
  return out
end

-- NAME=, NAME+= in front of a word: name, whether it adds, and the word behind.
local function assignment(word)
  local first = word[1]
  if not first.text or first.quoted then return nil end
  local name, plus, rest = first.text:match "^([%a_][%w_]*)(%+?)=(.*)$"
  if not name then return nil end
  local value = { { text = rest }, table.unpack(word, 2) }
  return name, plus == "+", value
end

function script:assign(name, adds, value)
  local before = self.vars[name]
  if not adds or before == nil then
    self.vars[name] = value
  elseif type(before) == "table" then
    before = { table.unpack(before) }
    for _, each in ipairs(type(value) == "table" and value or { value }) do
      before[#before + 1] = each
    end
    self.vars[name] = before
  else
    self.vars[name] = before .. (type(value) == "table" and table.concat(value, " ") or value)
  end
end

-- The words between brackets, of an array.
function script:array(reader)
  local list = {}
  for kind, token in reader.next, reader do
    if kind == "operator" and token == ")" then break end
    if kind == "word" then
      for _, field in ipairs(self:fields(token)) do list[#list + 1] = field end
    end
  end
  return list
end

function script:set(reader, word)
  local name, adds, value = assignment(word)
  if not name then return false end
  self.environment[#self.environment + 1] = name
  if #value == 1 and value[1].text == "" and reader:at "%(" then
    reader.pos = reader.pos + 1
    self:assign(name, adds, self:array(reader))
  else
    for _, part in ipairs(value) do part.quoted = true end
    local text = table.concat(self:fields(value))
    if value[1].text:find "^~/" then text = self.host.home .. text:sub(2) end
    self:assign(name, adds, text)
  end
  return true
end

local function plain(word)
  return #word == 1 and not word[1].quoted and word[1].text
end

-- Whether a command's words run QEMU.
local function runs_qemu(list)
  local first = list[1]
  if not first then return false end
  if first:find "%z" then return first:lower():find "^%z%${?[%w_]*qemu" ~= nil end
  return words.split(list).program and words.is_qemu(words.split(list).program)
end

function script:finish(command, reader)
  local names = self.environment
  self.environment = {}
  if runs_qemu(command) then
    if #names > 0 then
      self:note(("left out: its environment: %s"):format(table.concat(names, ", ")))
    end
    self.commands[#self.commands + 1] = { words = command, line = command.line or reader:line() }
  end
end

-- Reads all commands; those that run QEMU are kept.
function script:read(reader)
  local command = {}
  for kind, token in reader.next, reader do
    local first = kind == "word" and #command == 0
    local name = first and plain(token)
    if conditional[kind == "operator" and token or name] then self.branches = true end
    if kind == "operator" then
      self:finish(command, reader)
      command = {}
    elseif not (first and (leading[name] or self:set(reader, token))) then
      command.line = command.line or reader:line()
      for _, field in ipairs(self:fields(token)) do command[#command + 1] = field end
    end
  end
  self:finish(command, reader)
end

-- The command line with the most words is the machine; others ask for a version or a list.
local function longest(commands)
  local best = commands[1]
  for _, command in ipairs(commands) do
    if #command.words > #best.words then best = command end
  end
  return best
end

-- text of a script -> its QEMU command line, the line where it begins, and notes; or nil
-- and why. `host` has home and user.
function shell.command(text, host)
  local self = setmetatable({ host = host, vars = {}, environment = {}, commands = {}, notes = {},
    said = {} }, script)
  self:read(lexer.new((text:gsub("\r\n", "\n"))))
  local found = longest(self.commands)
  if not found then return nil, "no command that runs QEMU" end
  for _, other in ipairs(self.commands) do
    if other ~= found then self:note(("left out: another QEMU, line %d"):format(other.line)) end
  end
  if self.branches then self:note "conditions were not tried: what any branch sets is set" end
  return found.words, found.line, self.notes
end

return shell

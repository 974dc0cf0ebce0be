-- SPDX-License-Identifier: MIT
-- Finds the QEMU command line in a shell script. Simple commands, quotes, continued lines,
-- variables and arrays are understood; no program is run, no condition is tried. What only
-- running the script could tell is left in the words between NUL bytes, which no argument
-- can have: shell.shown turns it back into what the script says.
local expand = require "lunik.import.shell.expand"
local lexer = require "lunik.import.shell.lexer"
local words = require "lunik.import.words"

local shell = {}

-- Words in front of a command that are the shell's own.
local leading = {}
for word in ("if then elif else fi while until do done ! { } time command exec"):gmatch "%S+" do
  leading[word] = true
end

-- Builtins whose words are assignments and names, and those that set names to what nobody can tell.
local declaring = { export = true, ["local"] = true, declare = true, readonly = true,
  typeset = true }
local setting = { read = true, unset = true, getopts = true, mapfile = true, readarray = true,
  ["for"] = true, select = true }

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

shell.shown, shell.taken = expand.shown, expand.taken

function script:fields(word) return expand.fields(self, word) end

-- NAME[…]= where the index is more than text: as below. "#" is the next to those that are there.
local function computed(word)
  local name = word[1].text:match "^([%a_][%w_]*)%[[^%]]*$"
  for i = 2, name and #word or 0 do
    local plus, rest = (word[i].text or ""):match "^%](%+?)=(.*)$"
    if plus and not word[i].quoted then
      local next = i == 3 and word[2].source == "${#" .. name .. "[@]}"
      return name, next and "#" or "?", plus == "+", { { text = rest }, table.unpack(word, i + 1) }
    end
  end
end

-- NAME=, NAME[INDEX]=, NAME+= in front of a word: name, index, whether it adds, the word behind.
local function assignment(word)
  local first = word[1]
  if not first.text or first.quoted then return nil end
  local name, plus, rest = first.text:match "^([%a_][%w_]*)(%+?)=(.*)$"
  local index
  if not name then
    name, index, plus, rest = first.text:match "^([%a_][%w_]*)%[(.-)%](%+?)=(.*)$"
  end
  if not name then return computed(word) end
  local value = { { text = rest }, table.unpack(word, 2) }
  return name, index, plus == "+", value
end

local function as_list(value)
  if type(value) == "table" then return { table.unpack(value) } end
  return { value or nil }
end

-- Adding a text to a list adds to its first element, a list to a text makes a list of both.
local function added(before, value)
  if before == false then return false end
  if type(value) ~= "table" and type(before) ~= "table" then return (before or "") .. value end
  local list = as_list(before)
  if type(value) == "table" then return table.move(value, 1, #value, #list + 1, list) end
  list[1] = (list[1] or "") .. value
  return list
end

function script:assign(name, adds, value)
  self.vars[name] = adds and added(self.vars[name], value) or not adds and value
end

-- One element of a list: next to the others, or nobody can tell.
function script:assign_element(name, index, adds, text)
  local list = as_list(self.vars[name])
  local at = index == "#" and #list or math.tointeger(tonumber(index))
  if self.vars[name] == false or not at or at < 0 or at > #list then
    self.vars[name] = false
    return
  end
  list[at + 1] = (adds and list[at + 1] or "") .. text
  self.vars[name] = list
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
  local name, index, adds, value = assignment(word)
  if not name then return false end
  self.environment[#self.environment + 1] = name
  if not index and #value == 1 and value[1].text == "" and reader:at "%(" then
    reader.pos = reader.pos + 1
    self:assign(name, adds, self:array(reader))
    return true
  end
  for _, part in ipairs(value) do part.quoted = true end
  local text = table.concat(self:fields(value))
  if value[1].text:find "^~/" then text = self.host.home .. text:sub(2) end
  if index then self:assign_element(name, index, adds, text) else self:assign(name, adds, text) end
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

-- Words behind `declare` and its like: options, assignments, names. An option that changes what is
-- assigned makes it what nobody can tell.
function script:declare(reader, word, command)
  local text = plain(word)
  if text and text:find "^[-+]" then
    command.odd = command.odd or command.declares ~= "export" and text:find "[Ailnu]"
  elseif self:set(reader, word) and command.odd then
    self.vars[(assignment(word))] = false
  end
end

-- A word behind `read` and its like: a name, in `for` only the first.
function script:lose(word, command)
  local text = plain(word)
  if text and text:find "^[%a_][%w_]*$" and not command.lost then self.vars[text] = false end
  command.lost = command.lost or command.setting == "for" or command.setting == "select"
end

function script:finish(command, reader)
  local names = self.environment
  self.environment = {}
  local defaults = {}
  for i, word in ipairs(command) do command[i], defaults[i] = expand.taken(word) end
  if runs_qemu(command) then
    if #names > 0 then
      self:note(("left out: its environment: %s"):format(table.concat(names, ", ")))
    end
    self.commands[#self.commands + 1] = { words = command, line = command.line or reader:line(),
      defaults = defaults }
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
    elseif command.declares then
      self:declare(reader, token, command)
    elseif command.setting then
      self:lose(token, command)
    elseif first and declaring[name] then
      command.declares = name
    elseif first and setting[name] then
      command.setting = name
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

-- text of a script -> its QEMU command line, the line where it begins, notes, and for each word the
-- defaults in it that the environment could replace, { name, default } each; or nil and why. `host`
-- has home and user.
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
  return found.words, found.line, self.notes, found.defaults
end

return shell

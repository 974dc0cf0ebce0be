-- SPDX-License-Identifier: MIT
-- Finds the QEMU command line in a shell script. Simple commands, quotes, continued lines,
-- variables, arrays and functions are understood; no program is run, no condition is tried. What
-- only running the script could tell is left in the words between NUL bytes, which no argument
-- can have: shell.shown turns it back into what the script says.
local builtins = require "lunik.import.shell.builtins"
local expand = require "lunik.import.shell.expand"
local functions = require "lunik.import.shell.functions"
local lexer = require "lunik.import.shell.lexer"
local variables = require "lunik.import.shell.variables"
local words = require "lunik.import.words"

local shell = {}

local DEEPEST, MOST = 16, 2 << 20  -- functions in one another, and bytes of what is read again
local LEAST = 100                  -- bytes that reading anything counts for
local BRACKETS = 100               -- subshells in one another

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

function script:set(reader, word)
  local name, index, adds, value = variables.assignment(word)
  if not name then return false end
  self.environment[#self.environment + 1] = { name, self.vars[name] }
  if not index and #value == 1 and value[1].text == "" and reader:at "%(" then
    reader.pos = reader.pos + 1
    variables.assign(self, name, adds, variables.array(self, reader))
    return true
  end
  local text = variables.text(self, value)
  if index then
    variables.assign_element(self, name, index, adds, text)
  else
    variables.assign(self, name, adds, text)
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

-- Words behind `declare` and its like: options, assignments, names. An option that changes what is
-- assigned makes it what nobody can tell.
function script:declare(reader, word, command)
  local text = plain(word)
  if text and text:find "^[-+]" then
    command.odd = command.odd or command.declares ~= "export" and text:find "[Ailnu]"
  elseif self:set(reader, word) and command.odd then
    self.vars[(variables.assignment(word))] = false
  end
end

-- A word behind `read` and its like: a name, in `for` only the first. What is unset has no value,
-- and a list of which an element is unset one that nobody can tell.
function script:lose(word, command)
  local text = #word == 1 and word[1].text
  local name, index = (text or ""):match "^([%a_][%w_]*)(.*)$"
  if name and (index == "" or index:find "^%[") and not command.lost then
    self.vars[name] = false
    if command.setting == "unset" and index == "" then self.vars[name] = nil end
  end
  command.lost = command.lost or command.setting == "for" or command.setting == "select"
end

-- Variables that are set for one command alone are as before for its words, and behind it.
function script:restore()
  for i = #self.environment, 1, -1 do
    local name, before = table.unpack(self.environment[i])
    self.vars[name] = before
  end
end

-- Reads a text of the script's as commands, a body of a function's with its arguments. What calls
-- itself comes to an end.
function script:run(text, line, arguments)
  self.bytes = self.bytes + #text + LEAST
  if self.level >= DEEPEST or self.bytes > MOST then
    self:note "functions were not followed to their end: they call each other too often"
    return
  end
  local before = { arguments = self.arguments, environment = self.environment,
                   level = self.level, base = self.base, chained = self.chained }
  self.level, self.environment, self.arguments = self.level + 1, {}, arguments or self.arguments
  self.base, self.chained = self.depth, false
  self:read(lexer.new(text, line))
  if arguments then self.arguments = before.arguments end
  self.environment, self.level = before.environment, before.level
  self.base, self.chained = before.base, before.chained
end

-- Carries out what is no QEMU, as far as it changes what other words stand for.
function script:carry_out(command, line)
  local name = command[1] or ""
  local body = self.functions[name]
  if not body then return builtins.carry_out(self, command, line) end
  body.called = true
  if self.inline[name] then return end
  self:run(body.text, body.line, table.move(command, 2, #command, 1, {}))
end

function script:finish(command, reader)
  local names = {}
  for i, each in ipairs(command[1] and self.environment or {}) do names[i] = each[1] end
  self.environment = {}
  local line, found, defaults = command.line or reader:line(), {}, {}
  for i, word in ipairs(command) do found[i], defaults[i] = expand.taken(word) end
  if not runs_qemu(found) then return self:carry_out(command, line) end
  if #names > 0 then
    self:note(("left out: its environment: %s"):format(table.concat(names, ", ")))
  end
  self.commands[#self.commands + 1] = { words = found, line = line, defaults = defaults }
end

local OPENING = { ["if"] = true, case = true, ["while"] = true, ["until"] = true, ["for"] = true,
                  select = true }
local CLOSING = { fi = true, esac = true, done = true }

-- Notes how deep in branches the script is by a word in front of a command, or an operator.
function script:branch(sign, is_operator)
  if conditional[sign] then self.branches = true end
  if is_operator then
    self.chained = sign == "&&" or sign == "||" or self.chained and sign == "|"
  elseif OPENING[sign] then
    self.depth = self.depth + 1
  elseif CLOSING[sign] then
    self.depth = math.max(0, self.depth - 1)
  end
end

-- What is set between round brackets is as before behind them; those of `case` stand alone.
function script:brackets(sign, reader, command)
  if sign == "(" and not next(command) then
    local expression = reader:arithmetic()
    if expression then return variables.compute(self, expression) end
    if #self.outer >= BRACKETS then return end
    self.outer[#self.outer + 1] = { self.vars, self.depth }
    self.vars = setmetatable({}, { __index = self.vars })
  elseif sign == ")" then
    local outer = self.outer[#self.outer]
    if outer and outer[2] == self.depth then
      self.vars = outer[1]
      table.remove(self.outer)
    end
  end
end

-- A word in front of a command that is the shell's own, a definition, or an assignment: true.
function script:leads(reader, token, name)
  local defined, body, line = functions.definition(reader, token)
  if defined then
    self.functions[defined] = self.functions[defined] or {}
    self.functions[defined].text, self.functions[defined].line = body, line
    if self.inline[defined] then self:run(body, line) end
    return true
  end
  return leading[name] or self:set(reader, token)
end

-- Reads all commands; those that run QEMU are kept.
function script:read(reader)
  local command = {}
  for kind, token in reader.next, reader do
    local first = kind == "word" and #command == 0
    local name = first and plain(token)
    if kind == "operator" then
      self:finish(command, reader)
      self:branch(token, true)
      self:brackets(token, reader, command)
      command = {}
    elseif command.declares then
      self:declare(reader, token, command)
    elseif command.setting then
      self:lose(token, command)
    else
      if name then self:branch(name) end
      if first and declaring[name] then
        command.declares = name
      elseif first and setting[name] then
        self:restore()
        command.setting = name
      elseif not (first and self:leads(reader, token, name)) then
        if first then self:restore() end
        command.line = command.line or reader:line()
        for _, field in ipairs(self:fields(token)) do command[#command + 1] = field end
      end
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

-- Reads a script; `inline` are the functions that are read where they stand.
local function read(text, host, inline)
  local self = setmetatable({ host = host, vars = {}, environment = {}, commands = {}, notes = {},
    said = {}, functions = {}, inline = inline, outer = {}, depth = 0, base = 0, level = 0,
    nested = 0, bytes = 0, chained = false }, script)
  self:read(lexer.new(text))
  if self.vars.IFS ~= nil then
    self:note "IFS is set: words may be split elsewhere than here"
  end
  return self
end

-- The functions that nothing calls: what they set may be set all the same.
local function uncalled(self)
  local found = {}
  for name, body in pairs(self.functions) do found[name] = not body.called or nil end
  return found
end

-- text of a script -> its QEMU command line, the line where it begins, notes, and for each word the
-- defaults in it that the environment could replace, { name, default } each; or nil and why. `host`
-- has home and user.
function shell.command(text, host)
  text = text:gsub("\r\n", "\n")
  local self = read(text, host, {})
  local inline = uncalled(self)
  if next(inline) then self = read(text, host, inline) end
  local found = longest(self.commands)
  if not found then return nil, "no command that runs QEMU" end
  for _, other in ipairs(self.commands) do
    if other ~= found then self:note(("left out: another QEMU, line %d"):format(other.line)) end
  end
  if self.branches then self:note "conditions were not tried: what any branch sets is set" end
  return found.words, found.line, self.notes, found.defaults
end

return shell

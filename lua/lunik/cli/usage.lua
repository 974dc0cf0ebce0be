-- SPDX-License-Identifier: MIT
-- What a verb takes, as data: its `args` tells it to a parser, and here somebody else listens.
-- Manual pages and completion are made from it.
local usage = {}

-- Each property is told by a call of its name, with one value.
local property = { __index = function(_, name)
  return function(self, value)
    rawset(self, name, value)
    return self
  end
end }

local listener = {}
listener.__index = listener

local function names_of(text)
  local names = {}
  for name in text:gmatch "%S+" do names[#names + 1] = name end
  return names
end

function listener:argument(name, doc)
  local one = setmetatable({ name = name, doc = doc }, property)
  table.insert(self.arguments, one)
  return one
end

function listener:option(text, doc)
  local names = names_of(text)
  local one = setmetatable({ name = names[#names], names = names, doc = doc }, property)
  table.insert(self.options, one)
  return one
end

function listener:flag(text, doc)
  local one = self:option(text, doc)
  rawset(one, "flag", true)
  return one
end

function listener.mutex() end

function listener:epilog(text) self.note = text end

-- { arguments = { { name, doc, args, choices }, … }, options = { { name, names, doc, flag, argname,
-- choices, count }, … }, note }. `named`: as it is where -m names the machine.
function usage.of(verb, named)
  local heard = setmetatable({ arguments = {}, options = {} }, listener)
  verb.args(heard, { named = named })
  for _, list in ipairs { heard.arguments, heard.options } do
    for _, each in ipairs(list) do setmetatable(each, nil) end
  end
  return setmetatable(heard, nil)
end

-- What stands for an option's value: FILE
function usage.value(option)
  return option.argname or option.name:gsub("^%-+", ""):gsub("%-", "_"):upper()
end

-- An argument as the first line of help has it: "[MACHINE …]"
function usage.place(argument)
  local word, args = argument.name:upper(), tostring(argument.args or 1)
  local many = args:find "[*+]" and word .. " …" or word
  return args:find "^[?*]" and ("[%s]"):format(many) or many
end

-- The command lines that show a verb: what it is for, then what else its options do.
function usage.examples(verb)
  return { verb.example, table.unpack(verb.more or {}) }
end

-- A verb as pages about it have it: { name, summary, examples, program, note, arguments = { { name,
-- place, doc } }, options = { { names, doc, value, choices, default, count } } }
function usage.described(verb)
  local found = usage.of(verb)
  local out = { name = verb.name, summary = verb.summary, examples = usage.examples(verb),
                program = verb.program, note = found.note, arguments = {}, options = {} }
  for i, argument in ipairs(found.arguments) do
    out.arguments[i] = { name = argument.name, place = usage.place(argument), doc = argument.doc }
  end
  for i, option in ipairs(found.options) do
    option.value = not option.flag and usage.value(option) or nil
    out.options[i] = option
  end
  return out
end

return usage

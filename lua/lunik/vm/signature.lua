-- SPDX-License-Identifier: MIT
-- How a method's row (lunik.vm.methods) is called from Lua: positions and tables become arguments
-- by their names, which is what the control socket carries. Misuse raises, at the caller's line.
local core = require "lunik.core"
local suggest = require "lunik.text.suggest"

local signature = {}

local function is_texts(value)
  if type(value) ~= "table" or value[1] == nil then return false end
  for _, each in ipairs(value) do
    if type(each) ~= "string" then return false end
  end
  return true
end

-- The types of arguments: what is one, and how it is called where another was given. `bytes`
-- travels in base64, `list` holds texts; a function stays in its program.
signature.types = {
  string = { words = "string", is = function(value) return type(value) == "string" end },
  bytes = { words = "string", is = function(value) return type(value) == "string" end },
  integer = { words = "integer", is = function(value) return math.type(value) == "integer" end },
  number = { words = "number from 0 on", is = function(value)
    return type(value) == "number" and value >= 0
  end },
  boolean = { words = "boolean", is = function(value) return type(value) == "boolean" end },
  list = { words = "non-empty array of strings", is = is_texts },
  array = { words = "array", is = function(value)
    return type(value) == "table" and (core.json.is_array(value) or next(value) == nil
      or value[1] ~= nil)
  end },
  object = { words = "object", is = function(value)
    return type(value) == "table" and not core.json.is_array(value)
  end },
  ["function"] = { words = "function", is = function(value) return type(value) == "function" end },
}

local function names_of(row)
  local names = {}
  for i, argument in ipairs(row.takes) do names[i] = argument.name end
  return names
end

-- Says what is wrong with one argument | nil, in QEMU's words for it.
local function wrong_value(argument, value)
  local kind, choice = signature.types[argument.type], argument.one_of
  if value == nil then
    return not argument.optional and ("Parameter '%s' is missing"):format(argument.name) or nil
  elseif not kind.is(value) then
    return ("Invalid parameter type for '%s', expected: %s"):format(argument.name, kind.words)
  end
  for _, word in ipairs(choice or {}) do
    if word == value then return nil end
  end
  return choice and ("Parameter '%s' does not accept value '%s'%s"):format(argument.name, value,
    suggest.hint_or_all(value, choice, 8))
end

-- Says what is wrong with named arguments | nil
function signature.wrong(row, asked)
  local names = names_of(row)
  for _, argument in ipairs(row.takes) do
    local why = wrong_value(argument, asked[argument.name])
    if why then return why end
  end
  if row.family then return nil end
  local known = {}
  for _, each in ipairs(names) do known[each] = true end
  for name in pairs(asked) do
    if not known[name] then
      return ("Parameter '%s' is unexpected%s"):format(tostring(name),
        suggest.hint(tostring(name), names))
    end
  end
end

-- Reading a call, by the form of a row. Each gives the named arguments | nil, why.
local forms = {}
signature.forms = forms

local function spread(asked, table)
  for name, value in pairs(table) do
    if type(name) ~= "string" then return nil, "a name expected, got a position" end
    asked[name] = value
  end
  return asked
end

local function positions(row)
  local list, has_options = {}, row.family ~= nil
  for _, argument in ipairs(row.takes) do
    if argument.option then has_options = true else list[#list + 1] = argument end
  end
  return list, has_options
end

-- f(first, second, { option = … })
function forms.positions(row, ...)
  local list, has_options = positions(row)
  local asked, given = {}, table.pack(...)
  for i, argument in ipairs(list) do
    local value = given[i]
    if argument.or_integer and math.type(value) == "integer" then value = ("%d"):format(value) end
    asked[argument.name] = value
  end
  local options = given[#list + 1]
  if options == nil and given.n <= #list + 1 then return asked end
  if not has_options or given.n > #list + 1 then
    return nil, ("%d arguments at most expected, got %d"):format(#list + (has_options and 1 or 0),
                                                                  given.n)
  end
  if type(options) ~= "table" then return nil, "options: a table expected" end
  return spread(asked, options)
end

-- f { name = …, … }, and f({ name = … }, { option = … })
function forms.fields(_, fields, options, ...)
  if type(fields) ~= "table" then return nil, "a table of fields expected" end
  if options ~= nil and type(options) ~= "table" then return nil, "options: a table expected" end
  if select("#", ...) > 0 then return nil, "two arguments at most expected" end
  local asked, why = spread({}, fields)
  if asked and options then asked, why = spread(asked, options) end
  return asked, why
end

-- f { "word", "word", name = … }
function forms.words(_, words, ...)
  if type(words) ~= "table" then return nil, "a table expected: { \"program\", \"argument\" }" end
  if select("#", ...) > 0 then return nil, "one table expected" end
  local asked = { argv = table.move(words, 1, #words, 1, {}) }
  for name, value in pairs(words) do
    if type(name) == "string" then asked[name] = value end
  end
  return asked
end

-- f("word", "word", …)
function forms.rest(_, ...)
  return { argv = select("#", ...) > 0 and { ... } or nil }
end

-- The named arguments of a call. Raises at the caller of the caller's line.
function signature.read(row, ...)
  local read = row.read or forms[row.form or "positions"]
  local asked, why = read(row, ...)
  why = why or signature.wrong(row, asked)
  if why then error(("%s:%s: %s"):format(row.of or "vm", row.name, why), 3) end
  return asked
end

-- How a parameter is written: "seconds?" where it may be left out.
function signature.parameter(argument)
  local name = argument.lua or argument.name
  return argument.optional and name .. "?" or name
end

-- How a row is written: "vm:unmount(name, { force?, seconds? })".
function signature.text(row)
  if row.call then return row.call end
  local list, has_options = positions(row)
  local words, options = {}, {}
  for _, argument in ipairs(list) do words[#words + 1] = signature.parameter(argument) end
  for _, argument in ipairs(row.takes) do
    if argument.option then options[#options + 1] = signature.parameter(argument) end
  end
  if has_options then words[#words + 1] = ("{ %s }"):format(table.concat(options, ", ")) end
  return ("%s:%s(%s)"):format(row.of or "vm", row.name, table.concat(words, ", "))
end

return signature

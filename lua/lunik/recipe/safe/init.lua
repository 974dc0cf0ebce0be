-- SPDX-License-Identifier: MIT
-- The standard library as a recipe sees it: copies, never the host's own tables, of
-- what computes and nothing that writes, executes or opens; with bounds on the
-- calls whose work in C no instruction budget sees.
local budget = require "lunik.schema.budget"
local check = require "lunik.schema.check"
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local printable = require "lunik.text.printable"
local strings = require "lunik.recipe.safe.strings"
local suggest = require "lunik.text.suggest"
local tables = require "lunik.recipe.safe.tables"

local safe = {}

-- Lua instructions that reading may take, and each hook that runs while reading; a long
-- recipe takes thousands.
local instructions = 50000000

-- Bytes that one recipe may print while it is read.
local most_printed = 1 << 20

local function copy(from, names)
  local out = {}
  for name in names:gmatch "%S+" do out[name] = from[name] end
  return out
end

-- Metatables are the recipe's own affair: it can read and set those it made, none of
-- lunik's or Lua's. __gc would run behind the recipe's back and is refused.
local function metatables()
  local own = setmetatable({}, { __mode = "k" })
  local function set(object, meta)
    if type(object) ~= "table" or getmetatable(object) ~= nil and not own[object] then
      error("setmetatable: not a table of this recipe", 2)
    end
    if type(meta) == "table" and rawget(meta, "__gc") ~= nil then
      error("setmetatable: __gc is not for recipes", 2)
    end
    own[object] = meta ~= nil or nil
    return setmetatable(object, meta)
  end
  local function get(object)
    if own[object] then return getmetatable(object) end
  end
  return set, get
end

-- print, to stderr. While the recipe is read it gets neither a flood nor the terminal's
-- controls out.
local function printer(context)
  local printed = 0
  return function(...)
    local words = table.pack(...)
    for i = 1, words.n do words[i] = tostring(words[i]) end
    local text = table.concat(words, "\t")
    local say = context.running and context.running.say
    if say then return say(text) end
    if not context.running then
      printed = printed + #text + 1
      if printed > most_printed then
        error(("print: more than %d bytes"):format(most_printed), 2)
      end
      text = printable(text, "\n\t")
    end
    io.stderr:write(text, "\n")
  end
end

-- A fresh set of harmless globals; context.running is set once the machine runs.
function safe.globals(context)
  local out = copy(_G, [[assert error ipairs next pairs pcall rawequal rawget rawlen select
    tonumber tostring type xpcall]])
  out._VERSION = _VERSION
  out.print = printer(context)
  out.setmetatable, out.getmetatable = metatables()
  out.string, out.table = strings.new(), tables.new()
  out.math = copy(math, [[abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min
    mininteger modf pi rad random sin sqrt tan tointeger type ult]])
  out.utf8 = copy(utf8, "char charpattern codes len offset")
  out.utf8.codepoint = strings.codepoint
  return out
end

-- Makes ("x"):rep and its like bounded ones until the returned value is closed. They are
-- not those of the recipe's `string`, which it may change: lunik calls methods too.
local function methods()
  local meta = getmetatable ""
  local before = meta.__index
  meta.__index = strings.new()
  return defer(function() meta.__index = before end)
end

-- What is late is no error of one function, but the end of reading.
local function in_time(ok, raised, message, ...)
  if not ok and budget.is_late(message) then budget.spend(check.reason, raised, message) end
  return ok, raised, message, ...
end

-- Calls a function of a recipe within its bounds: true, values… or false and the two
-- that check.reason takes.
function safe.call(fn, ...)
  local _ <close> = methods()
  return in_time(core.slice.call(instructions, fn, ...))
end

-- What is missing on purpose, and what to say instead.
local instead = {
  io = "a recipe opens no files; read(path) reads one beside it",
  os = "a recipe runs nothing; env(name) reads the environment, hooks may use host.run",
  load = "a recipe loads no code; require(name) loads a file beside it",
  dofile = "a recipe loads no code; require(name) loads a file beside it",
  loadfile = "a recipe loads no code; require(name) loads a file beside it",
  debug = "not in recipes", package = "not in recipes", coroutine = "not in recipes",
  rawset = "not in recipes", collectgarbage = "not in recipes",
}

-- The error for a global that is not there; `names` are those that are.
function safe.missing(name, names)
  if instead[name] then return ("'%s': %s"):format(name, instead[name]) end
  return ("no such name '%s'%s"):format(name, suggest.hint(name, names))
end

return safe

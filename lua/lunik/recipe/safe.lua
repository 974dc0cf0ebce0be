-- SPDX-License-Identifier: MIT
-- The standard library as a recipe sees it: copies, never the host's own tables, of
-- what computes and nothing that writes, executes or opens; with bounds on the
-- calls whose work in C no instruction budget sees.
local suggest = require "lunik.suggest"

local safe = {}

local most_bytes = 64 << 20     -- of a text made by one call
local most_steps = 2e10         -- of one pattern match, at worst

local function copy(from, names)
  local out = {}
  for name in names:gmatch "%S+" do out[name] = from[name] end
  return out
end

local function bounded_rep(s, n, sep)
  local each = #tostring(s) + #(sep or "")
  if math.type(n) == "integer" and n > 0 and each > most_bytes // n then
    error(string.format("string.rep: more than %d bytes", most_bytes), 2)
  end
  return string.rep(s, n, sep)
end

local function bounded_concat(list, sep, i, j)
  local total = 0
  for index = i or 1, j or #list do
    local piece = list[index]
    total = total + (type(piece) == "string" and #piece or 24) + #(sep or "")
    if total > most_bytes then error(string.format("table.concat: more than %d bytes", most_bytes), 2) end
  end
  return table.concat(list, sep, i, j)
end

local function bounded_move(from, first, last, at, to)
  if math.type(first) == "integer" and math.type(last) == "integer" and last - first > 1 << 20 then
    error("table.move: more than a million values", 2)
  end
  return table.move(from, first, last, at, to or from)
end

-- At worst a pattern with q repetitions tries the splits of n bytes: n^q / q!.
local function steps(subject, pattern)
  local plain = string.gsub(string.gsub(pattern, "%%.", "x"), "%[.-%]", "x")
  local _, repeats = string.gsub(plain, "[*+?-]", "")
  local worst = string.sub(pattern, 1, 1) == "^" and 1 or #subject
  for i = 1, repeats do worst = worst * math.max(#subject / i, 1) end
  return repeats < 2 and 0 or worst
end

local function bounded_match(name)
  local call = string[name]
  return function(subject, pattern, ...)
    if type(subject) == "string" and type(pattern) == "string" and steps(subject, pattern) > most_steps then
      error(string.format("string.%s: '%s' could take too long on %d bytes", name, pattern, #subject), 2)
    end
    return call(subject, pattern, ...)
  end
end

local function strings()
  local out = copy(string, "byte char format len lower packsize reverse sub unpack upper")
  out.rep = bounded_rep
  for _, name in ipairs { "find", "match", "gmatch", "gsub" } do out[name] = bounded_match(name) end
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

local function to_stderr(...)
  local words = table.pack(...)
  for i = 1, words.n do words[i] = tostring(words[i]) end
  io.stderr:write(table.concat(words, "\t"), "\n")
end

-- A fresh set of harmless globals.
function safe.globals()
  local out = copy(_G, "assert error ipairs next pairs pcall rawequal rawget rawlen select tonumber tostring type xpcall")
  out._VERSION = _VERSION
  out.print = to_stderr
  out.setmetatable, out.getmetatable = metatables()
  out.string = strings()
  out.table = copy(table, "insert pack remove sort unpack")
  out.table.concat, out.table.move = bounded_concat, bounded_move
  out.math = copy(math, [[abs acos asin atan ceil cos deg exp floor fmod huge log max maxinteger min
    mininteger modf pi rad random randomseed sin sqrt tan tointeger type ult]])
  out.utf8 = copy(utf8, "char charpattern codepoint codes len offset")
  return out
end

-- Makes ("x"):rep and its like the bounded ones until the returned value is closed.
function safe.methods(globals)
  local meta = getmetatable ""
  local before = meta.__index
  meta.__index = globals.string
  return setmetatable({}, { __close = function() meta.__index = before end })
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
  return ("no such name '%s'%s"):format(tostring(name), suggest.hint(tostring(name), names))
end

return safe

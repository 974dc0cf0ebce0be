-- SPDX-License-Identifier: MIT
-- The string library as a recipe sees it: the same, with bounds on what one call may
-- make, and with patterns matched where the instruction budget sees it.
local pattern = require "lunik.recipe.pattern"

local strings = {}

-- Bytes of a text made by one call.
strings.most = 64 << 20

-- Values that one call may give: a full stack is seen only where a function is called.
local most_values = 1 << 16

-- Bytes compared, at worst, by one search for plain text.
local most_compared = 1 << 32

local function fail(name, why, ...)
  error(("string.%s: " .. why):format(name, ...), 3)
end

-- A text as the string library takes it.
local function text_of(name, value)
  if type(value) == "number" then return tostring(value) end
  if type(value) ~= "string" then
    error(("string.%s: text expected, got %s"):format(name, type(value)), 3)
  end
  return value
end

local function whole_of(name, value, default)
  if value == nil then return default end
  local whole = math.tointeger(tonumber(value))
  if not whole then
    error(("string.%s: a whole number expected, got %s"):format(name, type(value)), 3)
  end
  return whole
end

local function rep(s, n, sep)
  s, n, sep = text_of("rep", s), whole_of("rep", n), text_of("rep", sep or "")
  if not n then fail("rep", "a whole number expected") end
  if n > 0 and #s + #sep > strings.most // n then
    fail("rep", "more than %d bytes", strings.most)
  end
  return string.rep(s, n, sep)
end

local function format(form, ...)
  local values, total = table.pack(...), #text_of("format", form)
  for i = 1, values.n do
    -- %s of a table asks its __tostring, once
    if type(values[i]) == "table" then values[i] = tostring(values[i]) end
    total = total + (type(values[i]) == "string" and 4 * #values[i] or 400)
  end
  if total > strings.most then fail("format", "more than %d bytes", strings.most) end
  return string.format(form, table.unpack(values, 1, values.n))
end

-- Patterns are compiled once for each recipe.
local function compiler()
  local known = { [true] = {}, [false] = {} }
  return function(name, text, anchors)
    local found = known[anchors][text]
    if found then return found end
    local ok, compiled = pcall(pattern.compile, text, anchors)
    if not ok then error(("string.%s: %s"):format(name, compiled), 3) end
    known[anchors][text] = compiled
    return compiled
  end
end

local function start(name, s, init)
  init = whole_of(name, init, 1)
  if init < 0 then return math.max(#s + init + 1, 1) end
  return math.max(init, 1)
end

local function byte(s, i, j)
  s, i = text_of("byte", s), whole_of("byte", i, 1)
  local part = string.sub(s, i, whole_of("byte", j, i))
  if #part > most_values then fail("byte", "more than %d values", most_values) end
  return string.byte(part, 1, -1)
end

local function unpack(form, ...)
  if #text_of("unpack", form) > most_values then
    fail("unpack", "more than %d values", most_values)
  end
  return string.unpack(form, ...)
end

-- utf8.codepoint, whose positions are bytes.
function strings.codepoint(s, i, j, lax)
  s, i = text_of("codepoint", s), whole_of("codepoint", i, 1)
  j = whole_of("codepoint", j, i)
  local from, to = i < 0 and #s + i + 1 or i, j < 0 and #s + j + 1 or j
  if to - 0.0 - from > most_values then
    error(("utf8.codepoint: more than %d bytes"):format(most_values), 2)
  end
  return utf8.codepoint(s, i, j, lax)
end

local function find_plain(s, p, at)
  if #s * #p > most_compared then
    error(("string.find: takes too long on %d bytes"):format(#s), 2)
  end
  return string.find(s, p, at, true)
end

local function finder(compile)
  return function(s, p, init, plain)
    s, p = text_of("find", s), text_of("find", p)
    local at = start("find", s, init)
    if at > #s + 1 then return nil end
    if plain or not string.find(p, "[%^%$%*%+%?%.%(%[%%%-]") then
      return find_plain(s, p, at)
    end
    local compiled = compile("find", p, true)
    local from, to, captures = pattern.search(compiled, s, at)
    if not from then return nil end
    if compiled.captures == 0 then return from, to end
    return from, to, table.unpack(captures, 1, captures.n)
  end
end

local function matcher(compile)
  return function(s, p, init)
    s, p = text_of("match", s), text_of("match", p)
    local at = start("match", s, init)
    if at > #s + 1 then return nil end
    local from, _, captures = pattern.search(compile("match", p, true), s, at)
    if not from then return nil end
    return table.unpack(captures, 1, captures.n)
  end
end

local function each_matcher(compile)
  return function(s, p, init)
    s, p = text_of("gmatch", s), text_of("gmatch", p)
    local compiled, at, last = compile("gmatch", p, false), start("gmatch", s, init), nil
    return function()
      local from, to, captures = pattern.search(compiled, s, at, last)
      if not from then
        at = #s + 2
        return nil
      end
      at, last = to + 1, to + 1
      return table.unpack(captures, 1, captures.n)
    end
  end
end

-- "%1" of a replacement text; "%0" is the whole match.
local function expand(repl, whole, captures)
  local wrong
  local out = string.gsub(repl, "%%(.?)", function(c)
    if c == "%" then return "%" end
    if c == "0" then return whole end
    local n = string.find(c, "^%d$") and tonumber(c)
    if not n or n > captures.n then
      wrong = n and "invalid capture index %" .. c or "invalid use of '%'"
      return ""
    end
    return tostring(captures[n])
  end)
  if wrong then error(("string.gsub: %s in replacement string"):format(wrong), 4) end
  return out
end

-- What takes the place of one match.
local function replacement(repl, whole, captures)
  local value
  if type(repl) == "function" then
    value = repl(table.unpack(captures, 1, captures.n))
  elseif type(repl) == "table" then
    value = repl[captures[1]]
  else
    value = expand(repl, whole, captures)
  end
  if not value then return whole end
  if type(value) ~= "string" and type(value) ~= "number" then
    error(("string.gsub: invalid replacement value (a %s)"):format(type(value)), 3)
  end
  return tostring(value)
end

local function collector()
  local parts, total = {}, 0
  return parts, function(text)
    total = total + #text
    if total > strings.most then
      error(("string.gsub: more than %d bytes"):format(strings.most), 3)
    end
    parts[#parts + 1] = text
  end
end

local function replace(compiled, s, repl, most)
  local parts, put = collector()
  local at, last, count = 1, nil, 0
  while count < most and (at == 1 or not compiled.anchored) do
    local from, to, captures = pattern.search(compiled, s, at, last)
    if not from then break end
    put(string.sub(s, at, from - 1))
    put(replacement(repl, string.sub(s, from, to), captures))
    at, last, count = to + 1, to + 1, count + 1
    if compiled.anchored then break end
  end
  put(string.sub(s, at))
  return table.concat(parts), count
end

local function replacer(compile)
  return function(s, p, repl, most)
    s, p = text_of("gsub", s), text_of("gsub", p)
    if type(repl) == "number" then repl = tostring(repl) end
    if type(repl) ~= "string" and type(repl) ~= "function" and type(repl) ~= "table" then
      fail("gsub", "text, a function or a table expected, got %s", type(repl))
    end
    return replace(compile("gsub", p, true), s, repl, whole_of("gsub", most, math.maxinteger))
  end
end

-- A fresh copy for one recipe.
function strings.new()
  local compile = compiler()
  local out = { byte = byte, find = finder(compile), format = format,
    gmatch = each_matcher(compile), gsub = replacer(compile), match = matcher(compile),
    rep = rep, unpack = unpack }
  for _, name in ipairs { "char", "len", "lower", "packsize", "reverse", "sub", "upper" } do
    out[name] = string[name]
  end
  return out
end

return strings

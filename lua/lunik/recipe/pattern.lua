-- SPDX-License-Identifier: MIT
-- Lua's patterns, matched in Lua: a pattern that backtracks for days spends the budget
-- of instructions, where the C function would not be seen. A pattern becomes a chain of
-- functions, each of which matches one piece and calls the next:
--   piece(m, at) -> the index behind the whole match, or nil
-- m = { text, opened = {…}, closed = {…} }: where captures begin and end.
local byte, char, find, sub = string.byte, string.char, string.find, string.sub

local pattern = {}

local most_captures = 32        -- LUA_MAXCAPTURES

-- The set of bytes of `%a` and its like; any other `%x` is x itself.
local classes = setmetatable({}, { __index = function(self, letter)
  local set = {}
  if find(letter, "[acdglpsuwxzACDGLPSUWXZ]") then
    for b = 0, 255 do set[b] = find(char(b), "%" .. letter) ~= nil or nil end
  else
    set[byte(letter)] = true
  end
  self[letter] = set
  return set
end })

local function inverted(set)
  local out = {}
  for b = 0, 255 do out[b] = not set[b] or nil end
  return out
end

-- The index of the "]" that ends the set whose members begin at `at`.
local function bracket_end(p, at)
  repeat
    if at > #p then error("malformed pattern (missing ']')", 0) end
    at = at + (sub(p, at, at) == "%" and 2 or 1)
  until sub(p, at, at) == "]"
  return at
end

-- Adds the member at `at` to the set; returns the index behind it.
local function member(p, at, last, set)
  if sub(p, at, at) == "%" then
    for b in pairs(classes[sub(p, at + 1, at + 1)]) do set[b] = true end
    return at + 2
  elseif sub(p, at + 1, at + 1) == "-" and at + 2 < last then
    for b = byte(p, at), byte(p, at + 2) do set[b] = true end
    return at + 3
  end
  set[byte(p, at)] = true
  return at + 1
end

-- "[…]" whose "[" is at `at`: the set, and the index behind it.
local function bracket(p, at)
  local set, not_these = {}, sub(p, at + 1, at + 1) == "^"
  at = at + (not_these and 2 or 1)
  local last = bracket_end(p, at)
  while at < last do at = member(p, at, last, set) end
  return not_these and inverted(set) or set, last + 1
end

local every = inverted {}

-- A single character class at `at`: its set, and the index behind it.
local function single(p, at)
  local c = sub(p, at, at)
  if c == "[" then return bracket(p, at) end
  if c == "." then return every, at + 1 end
  if c ~= "%" then return { [byte(c)] = true }, at + 1 end
  if at == #p then error("malformed pattern (ends with '%')", 0) end
  return classes[sub(p, at + 1, at + 1)], at + 2
end

local function once(set, after)
  return function(m, at)
    if set[byte(m.text, at)] then return after(m, at + 1) end
  end
end

local function greedy(set, least, after)
  return function(m, at)
    local text, last = m.text, at
    while set[byte(text, last)] do last = last + 1 end
    for i = last, at + least, -1 do
      local behind = after(m, i)
      if behind then return behind end
    end
  end
end

local function lazy(set, after)
  return function(m, at)
    while true do
      local behind = after(m, at)
      if behind then return behind end
      if not set[byte(m.text, at)] then return nil end
      at = at + 1
    end
  end
end

local function maybe(set, after)
  return function(m, at)
    return set[byte(m.text, at)] and after(m, at + 1) or after(m, at)
  end
end

local function repeated(mark, set, after)
  if mark == "*" then return greedy(set, 0, after) end
  if mark == "+" then return greedy(set, 1, after) end
  if mark == "-" then return lazy(set, after) end
  return maybe(set, after)
end

local function balance(opens, closes, after)
  return function(m, at)
    if byte(m.text, at) ~= opens then return nil end
    local depth = 1
    for i = at + 1, #m.text do
      local b = byte(m.text, i)
      if b == closes then
        depth = depth - 1
        if depth == 0 then return after(m, i + 1) end
      elseif b == opens then
        depth = depth + 1
      end
    end
  end
end

-- "%f[set]": a border between what is not in the set and what is.
local function frontier(set, after)
  return function(m, at)
    local before = at > 1 and byte(m.text, at - 1) or 0
    if not set[before] and set[byte(m.text, at) or 0] then return after(m, at) end
  end
end

local function again(n, after)
  return function(m, at)
    local seen = sub(m.text, m.opened[n], m.closed[n] - 1)
    if sub(m.text, at, at + #seen - 1) == seen then return after(m, at + #seen) end
  end
end

local function mark(list, n, after)
  return function(m, at)
    local before = m[list][n]
    m[list][n] = at
    local behind = after(m, at)
    if not behind then m[list][n] = before end
    return behind
  end
end

-- "(": a new capture; "()" holds the position.
local function open(p, at, state, piece)
  state.captures = state.captures + 1
  local n, here = state.captures, sub(p, at + 1, at + 1) == ")"
  if n > most_captures then error("too many captures", 0) end
  state.positions[n] = here or nil
  if not here then table.insert(state.unfinished, n) end
  return mark("opened", n, piece(p, at + (here and 2 or 1), state))
end

local function close(p, at, state, piece)
  local n = table.remove(state.unfinished)
  if not n then error("invalid pattern capture", 0) end
  return mark("closed", n, piece(p, at + 1, state))
end

local function reference(p, at, state, piece)
  local n = byte(p, at + 1) - 48
  local open_still = n == 0 or n > state.captures or state.positions[n]
  for _, one in ipairs(state.unfinished) do open_still = open_still or one == n end
  if open_still then error("invalid capture index %" .. n, 0) end
  return again(n, piece(p, at + 2, state))
end

-- "%b", "%f" and "%1"; nil for every other "%".
local function special(p, at, state, piece)
  local c = sub(p, at + 1, at + 1)
  if c == "b" then
    if at + 3 > #p then error("malformed pattern (missing arguments to '%b')", 0) end
    return balance(byte(p, at + 2), byte(p, at + 3), piece(p, at + 4, state))
  elseif c == "f" then
    if sub(p, at + 2, at + 2) ~= "[" then error("missing '[' after '%f' in pattern", 0) end
    local set, behind = bracket(p, at + 2)
    return frontier(set, piece(p, behind, state))
  elseif find(c, "%d") then
    return reference(p, at, state, piece)
  end
end

local function piece(p, at, state)
  local c = sub(p, at, at)
  if c == "" then
    if state.unfinished[1] then error("unfinished capture", 0) end
    return function(_, behind) return behind end
  end
  if c == "(" then return open(p, at, state, piece) end
  if c == ")" then return close(p, at, state, piece) end
  if c == "$" and at == #p then
    return function(m, i) return i == #m.text + 1 and i or nil end
  end
  local found = c == "%" and special(p, at, state, piece)
  if found then return found end
  local set, behind = single(p, at)
  local sign = sub(p, behind, behind)
  if sign ~= "" and find("*+-?", sign, 1, true) then
    return repeated(sign, set, piece(p, behind + 1, state))
  end
  return once(set, piece(p, behind, state))
end

-- A pattern ready to be matched; raises what is wrong with it.
function pattern.compile(p, anchors)
  local anchored = anchors and sub(p, 1, 1) == "^"
  local state = { captures = 0, positions = {}, unfinished = {} }
  local first = piece(p, anchored and 2 or 1, state)
  return { first = first, anchored = anchored, captures = state.captures,
    positions = state.positions }
end

-- The captures of a match as values; the whole of it where the pattern has none.
local function captures(compiled, m, from, behind)
  if compiled.captures == 0 then return { sub(m.text, from, behind - 1), n = 1 } end
  local out = { n = compiled.captures }
  for n = 1, compiled.captures do
    out[n] = compiled.positions[n] and m.opened[n] or sub(m.text, m.opened[n], m.closed[n] - 1)
  end
  return out
end

-- The first match at or after `at` whose end is not before `last`: its first and last
-- index and its captures, or nil.
function pattern.search(compiled, text, at, last)
  local m = { text = text, opened = {}, closed = {} }
  for from = at, compiled.anchored and at or #text + 1 do
    local behind = compiled.first(m, from)
    if behind and behind ~= last then
      return from, behind - 1, captures(compiled, m, from, behind)
    end
  end
end

return pattern

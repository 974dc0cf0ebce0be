-- SPDX-License-Identifier: MIT
-- Finds the line of each field in a recipe's text, so that a problem can be shown
-- where it was written. A lexer and a bracket counter; it never runs anything.
local lines = {}

-- Skips a long bracket ("[[", "[==[") at `at`; returns the index behind it.
local function long_bracket(text, at)
  local level = text:match("^%[(=*)%[", at)
  if not level then return nil end
  local _, last = text:find("]" .. level .. "]", at, true)
  return (last or #text) + 1
end

local function skip_comment(text, at)
  local behind = long_bracket(text, at + 2)
  return behind or (text:find("\n", at, true) or #text + 1)
end

local function skip_string(text, at)
  local quote, i = text:sub(at, at), at + 1
  while i <= #text do
    local c = text:sub(i, i)
    if c == "\\" then i = i + 1 elseif c == quote or c == "\n" then break end
    i = i + 1
  end
  return i + 1
end

-- The token at `at`: its kind and the index behind it.
local function read_token(text, at)
  local word = text:match("^[%a_][%w_]*", at)
  if word then return "word", at + #word end
  local c = text:sub(at, at)
  if c == '"' or c == "'" then return "string", skip_string(text, at) end
  if c == "[" then
    local behind = long_bracket(text, at)
    if behind then return "string", behind end
  end
  local number = text:match("^%.?%d[%w.]*", at)
  if number then return "number", at + #number end
  local two = text:match("^[=~<>]=", at)
  return "mark", at + (two and 2 or 1)
end

-- Cuts Lua text into { kind, text, line } tokens; comments and blanks are dropped.
function lines.tokens(text)
  local out, at, line, seen = {}, 1, 1, 1
  local function count(upto)
    for _ in text:sub(seen, upto - 1):gmatch "\n" do line = line + 1 end
    seen = upto
  end
  while at <= #text do
    if text:find("^%s", at) then
      at = text:match("^%s+()", at)
    elseif text:find("^%-%-", at) then
      at = skip_comment(text, at)
    else
      local kind, behind = read_token(text, at)
      count(at)
      out[#out + 1] = { kind, text:sub(at, behind - 1), line }
      at = behind
    end
  end
  return out
end

local opens = { ["{"] = 1, ["("] = 1, ["["] = 1, ["}"] = -1, [")"] = -1, ["]"] = -1 }
local words_open = { ["function"] = 1, ["do"] = 1, ["then"] = 1, ["repeat"] = 1,
  ["end"] = -1, ["until"] = -1, ["elseif"] = -1 }

local none = {}

-- Notes token i if it names a field of the constructor that is open there: `stack` has what is
-- open, outermost first, as { its text, the fields found }.
local function note_field(tokens, i, stack)
  local kind, text, line = table.unpack(tokens[i])
  local before, after = tokens[i - 1] or none, tokens[i + 1] or none
  local top, below = stack[#stack] or none, stack[#stack - 1] or none
  local starts = before[2] == "{" or before[2] == "," or before[2] == ";"
  if kind == "word" and top[2] and starts and after[2] == "=" then
    top[2][text] = top[2][text] or line
  elseif kind == "string" and below[2] and before[2] == "[" and after[2] == "]" then
    below[2][text:sub(2, -2)] = line
  end
end

-- The fields of each table constructor of a text, by the index of its "{": found once, in one walk.
local function constructors(tokens)
  if tokens.constructors then return tokens.constructors end
  local found, stack = {}, {}
  for i, token in ipairs(tokens) do
    local kind, text = token[1], token[2]
    local step = kind == "mark" and opens[text] or kind == "word" and words_open[text] or 0
    if step > 0 then
      found[i] = text == "{" and {} or nil
      stack[#stack + 1] = { text, found[i] }
    elseif step < 0 then
      stack[#stack] = nil
    else
      note_field(tokens, i, stack)
    end
  end
  tokens.constructors = found
  return found
end

-- The index of the "{" of a call whose name is token i, if it is one.
local function opening(tokens, i)
  local open = i + 1
  while tokens[open] and (tokens[open][2] == "(" or tokens[open][2] == ".") do open = open + 1 end
  return tokens[i][1] == "word" and tokens[open] and tokens[open][2] == "{" and open or nil
end

local function has_all(found, given)
  for name in pairs(given) do
    if type(name) == "string" and not found[name] then return false end
  end
  return true
end

-- Where the tokens of each line begin, found once.
local function first_of(tokens, line)
  if not tokens.first then
    tokens.first = {}
    for i = #tokens, 1, -1 do tokens.first[tokens[i][3]] = i end
  end
  return tokens.first[line] or #tokens + 1
end

local function add(groups, word, found)
  local group = groups[word] or { by = {} }
  groups[word], group[#group + 1] = group, found
  for name in pairs(found) do
    group.by[name] = group.by[name] or {}
    table.insert(group.by[name], found)
  end
end

-- The constructors that are called on a line, in order: those of each word, and all of them; and
-- the same by the names of their fields.
local function called_on(tokens, line)
  tokens.called = tokens.called or {}
  if tokens.called[line] then return tokens.called[line] end
  local of_word, all = {}, {}
  local i = first_of(tokens, line)
  while tokens[i] and tokens[i][3] == line do
    local open = opening(tokens, i)
    if open then
      add(of_word, tokens[i][2], constructors(tokens)[open])
      add(all, 1, constructors(tokens)[open])
    end
    i = i + 1
  end
  tokens.called[line] = { of_word = of_word, all = all[1] }
  return tokens.called[line]
end

-- The first of a group that has every name of `given`: only those are looked at that have the
-- rarest of them.
local function with_all(group, given)
  local few = group
  for name in pairs(given) do
    if type(name) == "string" then
      local having = group.by[name]
      if not having then return nil end
      if #having < #few then few = having end
    end
  end
  for _, found in ipairs(few) do
    if has_all(found, given) then return found end
  end
end

-- The lines of the fields of the constructor `word` on `line`: { name = line }. With
-- several on one line, the first that has every name of `given` (a set) is taken; one
-- that goes by another name (`local d = disk`) must have them too.
function lines.fields(tokens, word, line, given)
  local i = first_of(tokens, line)
  -- to Lua a name is on the line of the token behind it
  if tokens[i - 1] and tokens[i - 1][2] == word and opening(tokens, i - 1) == i then
    return constructors(tokens)[i]
  end
  local called = called_on(tokens, line)
  local named = called.of_word[word]
  return named and (with_all(named, given) or named[1])
    or called.all and with_all(called.all, given) or {}
end

return lines

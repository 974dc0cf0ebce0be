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
local function token(text, at)
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
      local kind, behind = token(text, at)
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

-- Reads the fields of the table constructor whose "{" is token `open`.
local function fields(tokens, open)
  local found, depth = {}, 0
  for i = open, #tokens do
    local kind, text = tokens[i][1], tokens[i][2]
    depth = depth + (kind == "mark" and opens[text] or kind == "word" and words_open[text] or 0)
    if depth == 0 then break end
    local before, after = tokens[i - 1] or {}, tokens[i + 1] or {}
    local starts = before[2] == "{" or before[2] == "," or before[2] == ";"
    if depth == 1 and kind == "word" and starts and after[2] == "=" then
      found[text] = found[text] or tokens[i][3]
    elseif depth == 2 and kind == "string" and before[2] == "[" and after[2] == "]" then
      found[text:sub(2, -2)] = tokens[i][3]
    end
  end
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

-- The lines of the fields of the constructor `word` on `line`: { name = line }. With
-- several on one line, the first that has every name of `given` (a set) is taken; one
-- that goes by another name (`local d = disk`) must have them too.
function lines.fields(tokens, word, line, given)
  local best, other
  local i = first_of(tokens, line)
  -- to Lua a name is on the line of the token behind it
  if tokens[i - 1] and tokens[i - 1][2] == word and opening(tokens, i - 1) == i then
    return fields(tokens, i)
  end
  while tokens[i] and tokens[i][3] == line do
    local open = opening(tokens, i)
    if open then
      local found = fields(tokens, open)
      local all, named = has_all(found, given), tokens[i][2] == word
      if all and named then return found end
      best = best or named and found
      other = other or all and found
    end
    i = i + 1
  end
  return best or other or {}
end

return lines

-- SPDX-License-Identifier: MIT
-- Cuts a shell script into commands of words, as sh and bash do (POSIX.1, 2.3 and 2.6). A word is a
-- list of parts: { text, quoted } or { var | at | code = source, quoted }. Nothing is
-- expanded here, and nothing is run.
local lexer = {}
lexer.__index = lexer

local operators = { ";;", "&&", "||", ";", "&", "|", "(", ")", "\n" }

local escapes = { n = "\n", t = "\t", r = "\r", a = "\a", b = "\b", e = "\27", f = "\f", v = "\v" }

function lexer:at(pattern) return self.text:match("^" .. pattern, self.pos) end

-- Takes what `pattern` matches here.
function lexer:take(pattern)
  local found = self:at(pattern)
  if found then self.pos = self.pos + #found end
  return found
end

-- The index of the double quote that closes the one at `from`; none: as if it were no quote.
local function closing_quote(text, from)
  local at = from
  repeat
    at = text:find('["\\]', at + 1)
    if at and text:sub(at, at) == "\\" then at = at + 1
    elseif at then return at end
  until not at
  return from
end

-- The index behind the bracket that closes the one at `from`; quotes are looked over.
local function behind(text, from, open, close)
  local depth, i = 0, from
  while i <= #text do
    local c = text:sub(i, i)
    if c == "\\" then i = i + 1
    elseif c == "'" and open == "(" then i = text:find("'", i + 1, true) or #text
    elseif c == '"' then i = closing_quote(text, i)
    elseif c == open then depth = depth + 1
    elseif c == close then
      depth = depth - 1
      if depth == 0 then return i + 1 end
    end
    i = i + 1
  end
  return #text + 1
end

-- The index of the next `quote` behind `last` that no backslash stands in front of.
function lexer:closing(quote, last)
  repeat
    last = self.text:find(quote, last + 1, true)
  until not last or self.text:sub(last - 1, last - 1) ~= "\\"
  return last or #self.text + 1
end

-- $NAME, ${…}, $(…), $((…)), $[…], `…` at the position: a part.
function lexer:expansion()
  local from = self.pos
  local function part(key, upto, value)
    self.pos = upto
    local source = self.text:sub(from, upto - 1)
    return { [key] = value or source, source = source }
  end
  local name = self.text:match("^%$([%a_][%w_]*)", from)
  if name then return part("var", from + 1 + #name, name) end
  local special = self.text:match("^%$([@*#?$!0-9-])", from)
  if special then return part("at", from + 2, special) end
  if self:at "%${" then
    local upto = behind(self.text, from + 1, "{", "}")
    return part("var", upto, self.text:sub(from + 2, upto - 2))
  end
  if self:at "%$%(" then return part("code", behind(self.text, from + 1, "(", ")")) end
  if self:at "%$%[" then return part("code", behind(self.text, from + 1, "[", "]")) end
  if self:at "`" then
    return part("code", self:closing("`", from) + 1)
  end
  self.pos = from + 1
  return { text = "$" }
end

function lexer:double_quoted(word)
  self.pos = self.pos + 1
  while self.pos <= #self.text and not self:at '"' do
    local text = self:take '[^"\\$`]+'
    if text then
      word[#word + 1] = { text = text, quoted = true }
    elseif self:take "\\\n" then
      word.joined = true
    elseif self:at '\\["\\$`]' then
      word[#word + 1] = { text = self.text:sub(self.pos + 1, self.pos + 1), quoted = true }
      self.pos = self.pos + 2
    elseif self:at "\\" then
      word[#word + 1] = { text = self:take "\\", quoted = true }
    else
      local part = self:expansion()
      part.quoted = true
      word[#word + 1] = part
    end
  end
  self.pos = self.pos + 1
end

local function ansi(text)
  return (text:gsub("\\(x%x%x?)", function(hex) return string.char(tonumber(hex:sub(2), 16)) end)
    :gsub("\\([0-7][0-7]?[0-7]?)", function(octal) return string.char(tonumber(octal, 8) & 255) end)
    :gsub("\\(.)", function(c) return escapes[c] or c end))
end

-- A quoted piece, if one begins here.
function lexer:quoted(word)
  if self:at "'" then
    local last = self.text:find("'", self.pos + 1, true) or #self.text + 1
    word[#word + 1] = { text = self.text:sub(self.pos + 1, last - 1), quoted = true }
    self.pos = last + 1
  elseif self:at "%$'" then
    local last = self:closing("'", self.pos + 1)
    word[#word + 1] = { text = ansi(self.text:sub(self.pos + 2, last - 1)), quoted = true }
    self.pos = last + 1
  elseif self:at '%$?"' then
    self:take "%$"
    word[#word + 1] = { text = "", quoted = true }
    self:double_quoted(word)
  else
    return false
  end
  return true
end

-- The word at the position, or nil when none begins here.
function lexer:word()
  local word = {}
  while self.pos <= #self.text do
    if self:take "\\\r?\n" then
      word.joined = true
    elseif self:take "\\$" then
      break
    elseif self:at "\\" then
      word[#word + 1] = { text = self.text:sub(self.pos + 1, self.pos + 1), quoted = true }
      self.pos = self.pos + 2
    elseif not self:quoted(word) then
      if self:at "[%$`]" then
        word[#word + 1] = self:expansion()
      else
        local text = self:take "[^%s;&|()<>\\'\"$`]+"
        if not text then break end
        word[#word + 1] = { text = text }
      end
    end
  end
  return word[1] and word
end

-- All of a text that stands behind an operator of ${…}, as one word. Inside quotes only double ones
-- are quotes, and they do no more than vanish.
function lexer:rest(quoted)
  local word = {}
  while self.pos <= #self.text do
    if not quoted and self:at "['\"\\]" or quoted and self:at '[$`]' or self:at "[$`]" then
      local more = not quoted and self:word() or { self:expansion() }
      for _, part in ipairs(more or {}) do
        part.quoted = part.quoted or quoted
        word[#word + 1] = part
      end
    elseif quoted and self:take '"' then
      word.joined = true
    elseif quoted and self:at '\\["\\$`]' then
      word[#word + 1] = { text = self.text:sub(self.pos + 1, self.pos + 1), quoted = true }
      self.pos = self.pos + 2
    else
      local text = self:take "[^'\"\\$`]+" or self:take "."
      word[#word + 1] = { text = text, quoted = quoted, blanks = not quoted or nil }
    end
  end
  return word
end

local function blank(self)
  repeat
    local moved = self:take "[ \t\r]+" or self:take "\\\r?\n"
  until not moved
  -- what follows is no comment when it stands in a word
  if self:at "#" then self:take "[^\n]*" end
end

-- Redirections, with the texts of here-documents behind the line; true when one was here.
function lexer:redirection()
  local sign = self:take "%d*<<%-?[^<]" or self:take "%d*[<>][<>&|]*" or self:take "&>>?"
  if not sign then return false end
  if sign:find "<<%-?[^<]$" then
    self.pos = self.pos - 1
    blank(self)
    local word = self:word()
    local ending = {}
    for i, part in ipairs(word or {}) do ending[i] = part.text or part.source end
    self.here[#self.here + 1] = table.concat(ending)
  else
    blank(self)
    self:word()
  end
  return true
end

-- Leaves out the here-documents that the line before announced.
function lexer:skip_here()
  for _, ending in ipairs(self.here) do
    repeat
      local line = self:take "[^\n]*"
      self:take "\n"
    until not line or line:gsub("^\t+", "") == ending or self.pos > #self.text
  end
  self.here = {}
end

function lexer:operator()
  for _, sign in ipairs(operators) do
    if self.text:sub(self.pos, self.pos + #sign - 1) == sign then
      self.pos = self.pos + #sign
      if sign == "\n" then self:skip_here() end
      return sign
    end
  end
end

-- An expression, "(…))", behind a bracket that has just been read; the reader stands behind it
-- then. nil where there is none.
function lexer:arithmetic()
  if not self:at "%(" then return nil end
  local upto = behind(self.text, self.pos - 1, "(", ")")
  local expression = self.text:sub(self.pos + 1, upto - 3)
  self.pos = upto
  return expression
end

-- The next token: "word", word or "operator", sign; nil at the end.
function lexer:next()
  while true do
    blank(self)
    if self.pos > #self.text then return nil end
    if not self:redirection() then
      local sign = self:operator()
      if sign then return "operator", sign end
      local word = self:word()
      if word then return "word", word end
      self.pos = self.pos + 1
    end
  end
end

-- The line at the position: counted on from where it was asked for last.
function lexer:line()
  if self.pos < self.counted then self.counted, self.lines = 1, 0 end
  local _, count = self.text:sub(self.counted, self.pos - 1):gsub("\n", "")
  self.counted, self.lines = self.pos, self.lines + count
  return self.before + self.lines + 1
end

-- `line` is where the text begins in the script.
function lexer.new(text, line)
  return setmetatable({ text = text, pos = 1, here = {}, before = (line or 1) - 1,
                        counted = 1, lines = 0 }, lexer)
end

return lexer

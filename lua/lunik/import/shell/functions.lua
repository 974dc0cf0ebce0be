-- SPDX-License-Identifier: MIT
-- The functions of a script: where one is defined, and its body as text, to be read where it is
-- called. One that nobody calls is read where it stands.
local lexer = require "lunik.import.shell.lexer"

local functions = {}

local OPENS = { ["{"] = "}", ["("] = ")" }

local function plain(kind, token)
  if kind == "operator" then return token end
  return #token == 1 and not token[1].quoted and token[1].text or nil
end

-- The index of the bracket that closes a body, which begins behind the reader's position; brackets
-- are words of the shell's own where a command begins.
local function closing(reader, opens)
  local scout, depth, first, last = lexer.new(reader.text), 1, true, nil
  scout.pos = reader.pos
  while depth > 0 do
    local kind, token = scout:next()
    if not kind then return nil end
    local sign = plain(kind, token)
    if sign == opens and (first or opens == "(") then depth = depth + 1
    elseif sign == OPENS[opens] and (first or opens == "(") then depth = depth - 1 end
    first = kind == "operator" or first and sign == opens
    last = scout.pos
  end
  return last - 1
end

-- A definition that begins with this first word of a command: the function's name, the body and its
-- first line; the reader stands behind it then. nil where it is none.
function functions.definition(reader, word)
  local before, name = reader.pos, plain("word", word)
  if name == "function" then
    name = reader:take "[ \t]+[%w_.:-]+"
    name = name and name:match "%S+"
    reader:take "[ \t]*%([ \t]*%)"
  elseif not name or not reader:take "[ \t]*%([ \t]*%)" then
    name = nil
  end
  local opens = name and reader:take "%s*[{(]"
  opens = opens and opens:sub(-1)
  local upto = opens and not reader.unclosed and closing(reader, opens)
  if not upto then
    -- one that is never closed is looked for once
    reader.unclosed = reader.unclosed or opens ~= nil
    reader.pos = before
    return nil
  end
  local body, line = reader.text:sub(reader.pos, upto - 1), reader:line()
  reader.pos = upto + 1
  return name, body, line
end

return functions

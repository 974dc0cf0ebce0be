-- SPDX-License-Identifier: MIT
-- Values as text, and functions as a digest by which another reading of a recipe tells whether one
-- does the same: its code, and what it closes over. Where it stands in its file does not count.
local name = require "lunik.device.name"

local digest = {}

local DEEPEST = 6          -- tables and functions in each other
local MOST = 2000          -- values of one function

local write

local function keys_of(value)
  local list = {}
  for key in next, value do list[#list + 1] = key end
  table.sort(list, function(a, b)
    if math.type(a) and math.type(b) then return a < b end
    return tostring(a) < tostring(b)
  end)
  return list
end

-- The lines of a text that a function takes.
local function lines_of(text, about)
  local lines, number = {}, 0
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    number = number + 1
    if number > about.lastlinedefined then break end
    if number >= about.linedefined then lines[#lines + 1] = line:match "^%s*(.-)%s*$" end
  end
  return table.concat(lines, "\n")
end

-- A function's text, or, where that was not read, its place; and its upvalues by their values. The
-- environment is every function's (that of lunik's own has no name), and C functions are what they
-- are called.
local function write_function(value, state, depth)
  local about = debug.getinfo(value, "S")
  if about.what == "C" then return "C" end
  local text = state.texts[about.source:sub(2)]
  local words = { ("%q"):format(text and lines_of(text, about)
                                or ("%s:%d"):format(about.source, about.linedefined)) }
  for i = 1, math.huge do
    local upvalue, held = debug.getupvalue(value, i)
    if not upvalue then break end
    if upvalue ~= "_ENV" and held ~= _G then words[#words + 1] = write(held, state, depth + 1) end
  end
  return "function " .. table.concat(words, " ")
end

local function write_table(value, state, depth)
  local words = {}
  for _, key in ipairs(keys_of(value)) do
    if type(key) ~= "string" and not math.type(key) then break end
    words[#words + 1] = ("[%q]=%s"):format(key, write(rawget(value, key), state, depth + 1))
  end
  return "{" .. table.concat(words, ",") .. "}"
end

function write(value, state, depth)
  local kind = type(value)
  state.left = state.left - 1
  if kind == "string" or kind == "number" or kind == "boolean" or kind == "nil" then
    return ("%q"):format(value)
  end
  if state.left < 0 or depth > DEEPEST or state.seen[value] then return kind end
  state.seen[value] = true
  if kind == "function" then return write_function(value, state, depth) end
  return kind == "table" and write_table(value, state, depth) or kind
end

-- A value as text: equal ones have the same. `texts`: what files hold, by their names, for the
-- functions in them.
function digest.text(value, texts)
  return write(value, { left = MOST, seen = {}, texts = texts or {} }, 0)
end

-- A short text that differs where functions do.
function digest.of(fn, texts)
  local text = digest.text(fn, texts)
  return ("%08x-%d"):format(name.hash(text), #text)
end

return digest

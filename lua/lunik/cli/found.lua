-- SPDX-License-Identifier: MIT
-- What is wrong with a recipe as JSON has it (docs/check.schema.json).
local check = require "lunik.schema.check"
local host = require "lunik.host"
local printable = require "lunik.text.printable"

local LARGEST = 1 << 20    -- bytes of a recipe in which columns are looked for

local found = {}

-- Of the file of a problem as it was shown: its lines, each read once.
local function lines_of(path, known)
  if known[path] then return known[path] end
  local lines = {}
  for line in ((host.contents(path, LARGEST) or "") .. "\n"):gmatch "([^\n]*)\n" do
    lines[#lines + 1] = line
  end
  known[path] = lines
  return lines
end

-- Where the word that a problem is about stands in its line, counted from 1 | nil where it does
-- not, or more than once. Lua itself tells lines only.
local function column(at, field, known)
  local word = field and field:match "[^.]+$"
  local line = at.file and at.line and lines_of(at.file, known)[at.line]
  if not word or not line then return nil end
  local pattern = "%f[%w_]" .. word:gsub("%W", "[%%-_]") .. "%f[^%w_]"
  local from, to = line:find(pattern)
  return from and not line:find(pattern, to + 1) and from or nil
end

local function code_of(problem)
  return problem.code or problem.about == "host" and "host-lacks" or "recipe"
end

-- A problem of lunik.schema.check. `known` keeps what was read for the ones before.
function found.shown(problem, known)
  local at = problem.at and problem.at[1] or {}
  return { file = at.file and printable(at.file), line = at.line,
    column = column(at, problem.path, known), field = problem.path, code = code_of(problem),
    severity = problem.severity or "error", why = problem.why, message = check.text(problem),
    suggestion = problem.suggestion or problem.why:match "did you mean '([^']*)'",
    host = problem.about == "host" }
end

return found

-- SPDX-License-Identifier: MIT
-- Commands that change what the other words of a script stand for: builtins of the shell, and
-- shells that are given a text.
local expand = require "lunik.import.shell.expand"
local variables = require "lunik.import.shell.variables"

local builtins = {}

-- Words as the script has them, from the one at `from` on.
local function source_of(command, from)
  return (expand.taken(expand.shown(table.concat(command, " ", from))))
end

local by_name = {}

function by_name.set(script, command)
  if command[2] == "--" then script.arguments = table.move(command, 3, #command, 1, {}) end
end

-- In a branch, which may be a loop, nobody can tell which are left.
function by_name.shift(script, command)
  if not script.arguments then return end
  if script.depth > script.base or script.chained then
    script.arguments = false
    return
  end
  local count = math.tointeger(tonumber(command[2] or 1)) or 0
  script.arguments = table.move(script.arguments, math.max(0, count) + 1, #script.arguments, 1, {})
end

function by_name.let(script, command)
  for i = 2, #command do variables.compute(script, command[i]) end
end

function by_name.printf(script, command)
  if command[2] == "-v" and command[3] then script.vars[command[3]] = false end
end

function by_name.source(script, command)
  script:note(("left out: what %s sets"):format(source_of(command, 2)))
end

by_name["."] = by_name.source

function by_name.eval(script, command, line) script:run(source_of(command, 2), line) end

local SHELLS = { sh = true, bash = true, dash = true }

-- A command's words, and the line where it stands.
function builtins.carry_out(script, command, line)
  local name = command[1] or ""
  if by_name[name] then
    by_name[name](script, command, line)
  elseif SHELLS[name:match "[^/]*$"] and command[2] == "-c" and command[3] then
    script:run(source_of({ command[3] }, 1), line)
  end
end

return builtins

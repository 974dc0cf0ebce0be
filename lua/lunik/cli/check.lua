-- SPDX-License-Identifier: MIT
-- `lunik check`: every problem of a recipe at once, with its lines.
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local exit = require "lunik.exit"
local printable = require "lunik.text.printable"

local check = { name = "check", summary = "check a recipe against itself and this host" }

function check.args(command)
  command:argument("source", "the recipe, or its folder (left out: vm.lua); a shell script that "
    .. "starts QEMU; or behind -- the command line itself"):args "*"
  command:option("--set", "override a field of the machine"):argname "FIELD=VALUE":count "*"
  command:flag("--json", "print the problems as JSON")
  command:flag("--no-host", "leave out whether this host has it: files, ports, devices")
  command:flag("--strict", "warnings are errors, too")
  command:option("--qemu", "check a command line against the QEMU at PATH"):argname "PATH"
  command:flag("--batch", "command lines on standard input, as JSON lines with id and argv")
end

-- Whether what is named is no recipe: a command line, or a script of a shell.
local function is_line(list)
  local first = list[1]
  if not first then return false end
  if #list > 1 or require "lunik.import.words".is_qemu(first) then return true end
  if first == "-" or first:find "%.sh$" then return true end
  local head = require "lunik.host".head(first, 64) or ""
  return head:find "^#![^\n]*sh" ~= nil
end

local function of_line(args, out)
  local check_line = require "lunik.cli.check_line"
  local argv, why, code = check_line.words(args.source)
  if not argv then return nil, why, code end
  return check_line.run(argv, args, out)
end

-- How many problems the JSON has at most.
local most = 1000

local function shown(problem)
  local at = problem.at and problem.at[1] or {}
  return { file = at.file and printable(at.file), line = at.line, field = problem.path,
    why = problem.why, code = problem.code, severity = problem.severity or "error",
    host = problem.about == "host" }
end

local function as_json(problems, warnings)
  local list = core.json.array {}
  local all = table.move(warnings, 1, #warnings, #problems + 1, { table.unpack(problems) })
  for i = 1, math.min(#all, most) do list[i] = shown(all[i]) end
  return core.json.encode { lunik = 1, ok = #problems == 0, problems = list,
    more = #all > most and #all - most or nil }
end

local function warn(warnings, lunik, err)
  for _, warning in ipairs(warnings) do
    err:write("lunik check: warning: ", lunik.text { warning }, "\n")
  end
end

function check.run(args, out, err)
  if args.batch then return require "lunik.cli.check_line".batch(args, out) end
  if is_line(args.source) then return of_line(args, out) end
  args.recipe = args.source[1] or args.recipe
  local lunik = require "lunik"
  local set, why = arguments.settings(args.set)
  if not set then return nil, why, exit.usage end
  local plan, problems = lunik.plan(args.recipe, { set = set, limit_memory = true,
    look = not args.no_host, anyway = true })
  if plan then problems = plan.lacks end
  local warnings = plan and plan.warnings or {}
  if args.json then
    out:write(as_json(problems, warnings), "\n")
    return #problems == 0 and exit.ok or exit.problems
  end
  warn(warnings, lunik, err)
  if #problems > 0 then return nil, lunik.text(problems) end
  out:write(("%s: %s is fine\n"):format(printable(args.recipe), plan.name))
  for _, note in ipairs(plan.notes) do out:write("  ", printable(note), "\n") end
  return exit.ok
end

return check

-- SPDX-License-Identifier: MIT
-- `lunik check`: every problem of a recipe at once, with its lines.
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local exit = require "lunik.exit"
local printable = require "lunik.text.printable"

local check = { name = "check", summary = "check a recipe against itself and this host" }

function check.args(command)
  arguments.recipe(command)
  command:flag("--json", "print the problems as JSON")
end

-- How many problems the JSON has at most.
local most = 1000

local function as_json(problems)
  local list = core.json.array {}
  for i = 1, math.min(#problems, most) do
    local problem = problems[i]
    local at = problem.at and problem.at[1] or {}
    list[i] = { file = at.file and printable(at.file), line = at.line, field = problem.path,
      why = problem.why,
      host = problem.about == "host" }
  end
  return core.json.encode { lunik = 1, ok = #list == 0, problems = list,
    more = #problems > most and #problems - most or nil }
end

function check.run(args, out)
  local lunik = require "lunik"
  local set, why = arguments.settings(args.set)
  if not set then return nil, why, exit.usage end
  local plan, problems = lunik.plan(args.recipe, { set = set, limit_memory = true })
  if args.json then
    out:write(as_json(plan and {} or problems), "\n")
    return plan and exit.ok or exit.problems
  end
  if not plan then return nil, lunik.text(problems) end
  out:write(("%s: %s is fine\n"):format(printable(args.recipe), plan.name))
  for _, note in ipairs(plan.notes) do out:write("  ", printable(note), "\n") end
  return exit.ok
end

return check

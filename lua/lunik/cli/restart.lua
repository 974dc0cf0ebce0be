-- SPDX-License-Identifier: MIT
-- `lunik restart`: down and up again, from the recipe as it is now. The recipe is checked first:
-- one that has problems, or makes another machine, stops nothing.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local exit = require "lunik.exit"
local loop = require "lunik.async.loop"
local machines = require "lunik.supervisor.machines"
local printable = require "lunik.text.printable"
local variables = require "lunik.supervisor.variables"

local restart = { name = "restart", summary = "stop a machine and start it again" }

function restart.args(command)
  arguments.machine(command)
  command:option("--set", "override a field of the machine; left out: as it was started")
    :argname "FIELD=VALUE":count "*"
  command:flag("--force", "do not ask the guest to stop")
  command:flag("--json", "progress and result as JSON, an object a line")
end

local function stop(args, name, err)
  local l <close> = loop.new()
  local down, how = require "lunik.cli.down", { force = args.force }
  return l:run(attached.until_interrupted, l, function() return down.goes_on(how) end, down.stop,
               l, name, how, function(known)
    return function(text) err:write(known, ": ", text, "\n") end
  end)
end

-- The recipe is as it would be started now; says first what differs in the environment.
local function check(name, recipe, host, told, err)
  local plan, problem, code = arguments.plan(recipe, { kept = true, host = host })
  for _, text in ipairs(told) do err:write(name, ": ", printable(text), "\n") end
  if not plan then return nil, problem, code end
  if plan.name ~= name then
    return nil, ("the recipe makes machine '%s' now, not '%s': nothing is stopped"):format(
      plan.name, name), exit.problems
  end
  return true
end

function restart.run(args, out, err)
  local name, why = machines.name(args.machine)
  if not name then return nil, why end
  local before = machines.remembered(name)
  if not before or not before.recipe then
    return nil, ("machine '%s' was not started by lunik up"):format(name)
  end
  local set = #args.set > 0 and args.set or machines.settings(before)
  local host, told = variables.host(name, before)
  local ok, problem, code = check(name, { recipe = before.recipe, set = set }, host, told, err)
  if not ok then return nil, problem, code end
  local how, _, vm = machines.look(name)
  if vm then vm:close() end
  if how ~= "down" then
    how, why, code = stop(args, name, err)
    if not how then return nil, why, code == exit.interrupted and code or exit.start end
  end
  return require "lunik.cli.up".run({ recipe = { before.recipe }, set = set, json = args.json,
                                      host = host }, out, err)
end

return restart

-- SPDX-License-Identifier: MIT
-- `lunik restart`: down and up again, from the recipes as they are now. They are checked first: one
-- that has problems, or makes another machine, stops nothing.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local down = require "lunik.cli.down"
local exit = require "lunik.exit"
local loop = require "lunik.async.loop"
local machines = require "lunik.supervisor.machines"
local printable = require "lunik.text.printable"
local up = require "lunik.cli.up"
local variables = require "lunik.supervisor.variables"

local restart = { name = "restart", summary = "stop machines and start them again" }

function restart.args(command)
  arguments.machines(command)
  command:option("--set", "override a field of the machine; left out: as it was started")
    :argname "FIELD=VALUE":count "*"
  command:flag("--force", "do not ask the guest to stop")
  command:flag("--json", "progress and result as JSON, an object a line")
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

-- What is to be started in place of a machine: { name, argument (its recipe), set, host }
-- | nil, why, code
local function found(args, argument, err)
  local name, why = machines.name(argument)
  if not name then return nil, why end
  local before = machines.remembered(name)
  if not before or not before.recipe then
    return nil, ("machine '%s' was not started by lunik up"):format(name)
  end
  local set = #args.set > 0 and args.set or machines.settings(before)
  local host, told = variables.host(name, before)
  local ok, problem, code = check(name, { recipe = before.recipe, set = set }, host, told, err)
  if not ok then return nil, problem, code end
  return { name = name, argument = before.recipe, set = set, host = host }
end

-- Stops those of a list that run, all at once: ok | nil, why, code
local function stop(args, list, err)
  local how = { force = args.force }
  local function one(l, name)
    local state, _, vm = machines.look(name, l)
    if vm then vm:close() end
    if state == "down" then return exit.ok end
    local ended, why = down.stop(l, name, how, function(known)
      return function(text) err:write(known, ": ", text, "\n") end
    end)
    if ended then return exit.ok end
    return nil, why, exit.start
  end
  local l <close> = loop.new()
  return l:run(attached.until_interrupted, l, function() return down.goes_on(how) end, function()
    return attached.together(l, list, one)
  end)
end

-- All recipes are checked before any machine is stopped.
function restart.run(args, out, err)
  local list, names = {}, {}
  for i = 1, math.max(1, #args.machine) do
    local why, code
    list[i], why, code = found(args, args.machine[i], err)
    if not list[i] then return nil, why, code end
    names[i] = list[i].name
  end
  local ok, why, code = stop(args, names, err)
  if not ok then return nil, why, code end
  return up.run({ recipe = list, json = args.json }, out, err)
end

return restart

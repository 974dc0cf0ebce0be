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
restart.example = "lunik restart dev"
restart.more = { "lunik restart dev --set cpus=4", "lunik restart dev --force --json" }

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
  local clone = machines.not_again(name, before)
  if clone then return nil, clone .. "; nothing is stopped" end
  local set = #args.set > 0 and args.set or machines.settings(before)
  local host, told = variables.host(name, before)
  local ok, problem, code = check(name, { recipe = before.recipe, set = set }, host, told, err)
  if not ok then return nil, problem, code end
  return { name = name, argument = before.recipe, set = set, host = host }
end

-- Stops those of a list that run, all at once: those that do not run any more, by name; ok | nil,
-- why, code
local function stop(args, list, err)
  local how, stopped = { force = args.force }, {}
  local function one(l, name)
    local state, _, vm = machines.look(name, l)
    if vm then vm:close() end
    local ended, why = state == "down", nil
    if not ended then
      ended, why = down.stop(l, name, how, function(known)
        return function(text) err:write(known, ": ", text, "\n") end
      end)
    end
    stopped[name] = ended and true or nil
    if ended then return exit.ok end
    return nil, why, exit.start
  end
  local l <close> = loop.new()
  return stopped, l:run(attached.until_interrupted, l, function() return down.goes_on(how) end,
                        function() return attached.together(l, list, one) end)
end

-- Starts those that have been stopped: as up has it, with the machine's name before what is wrong.
local function start(args, list, stopped, out, err)
  local again = {}
  for _, one in ipairs(list) do
    if stopped[one.name] then again[#again + 1] = one end
  end
  if #again == 0 then return exit.ok end
  local ok, why, code = up.run({ recipe = again, json = args.json }, out, err)
  if ok or #again > 1 or #list == 1 then return ok, why, code end
  return nil, ("%s: %s"):format(again[1].name, why), code
end

-- All recipes are checked before any machine is stopped. One that does not stop keeps none of the
-- others from being started again.
function restart.run(args, out, err)
  local list, names = {}, {}
  for i = 1, math.max(1, #args.machine) do
    local why, code
    list[i], why, code = found(args, args.machine[i], err)
    if not list[i] then return nil, why, code end
    names[i] = list[i].name
  end
  local stopped, ok, why, code = stop(args, names, err)
  if not ok and code == exit.interrupted then return nil, why, code end
  local up_again, problem, failed = start(args, list, stopped, out, err)
  if ok then return up_again, problem, failed end
  return nil, problem and why .. "\n" .. problem or why, code
end

return restart

-- SPDX-License-Identifier: MIT
-- The arguments that verbs share, and what they mean: a recipe, a running machine, fields set.
local exit = require "lunik.exit"

local arguments = {}

-- The options that every verb with a recipe takes.
function arguments.recipe(command)
  command:argument("recipe", "the recipe, or its folder; left out: vm.lua"):args "?"
  command:option("--set", "override a field of the machine"):argname "FIELD=VALUE":count "*"
end

-- Why no program can be run in the guest of a plan | nil
function arguments.no_road(plan)
  if plan.guest.agent or plan.guest.ssh then return nil end
  return "a program is run in the guest by its agent or by ssh: agent {} or ssh {} in the recipe "
         .. "gives one"
end

local UNSAID = "left out: that of ./vm.lua, or the only one that runs"

-- The argument of every verb about a running machine.
function arguments.machine(command)
  command:argument("machine", "a machine's name, or its recipe; " .. UNSAID):args "?"
end

-- The argument of a verb that is about any number of machines.
function arguments.machines(command)
  command:argument("machine", "names of machines, or their recipes; " .. UNSAID):args "*"
end

-- The same of a verb that has other words, too: with -m the machine is none of them, and `how`,
-- which the parser hands to the verb, says so. `lone`: it may be left out.
function arguments.target(command, how, lone)
  if not how.named then
    local doc = "a machine's name, or its recipe"
    command:argument("machine", lone and doc .. "; " .. UNSAID or doc):args(lone and "?" or 1)
  end
  command:option("-m --machine", "the machine, which then is not the first word"):argname "NAME"
    :action(function(args, _, name) how.named, args.machine, args.said = true, name, true end)
end

-- The handle of the machine that the arguments name, in a task of `loop`: vm, or nil, text, code.
function arguments.attach(args, loop)
  local vm, why, how = require "lunik.supervisor.machines".attach(args.machine, loop)
  if vm then return vm end
  if how == "down" then return nil, why .. ": lunik up starts it again", exit.problems end
  return nil, why .. require "lunik.cli.misplaced"(args), exit.problems
end

-- { "cpus=2" } -> { cpus = "2" }, or nil and why.
function arguments.settings(list)
  local set = {}
  for _, text in ipairs(list or {}) do
    local name, value = text:match "^([%w_]+)=(.*)$"
    if not name then return nil, ("--set: FIELD=VALUE expected, got '%s'"):format(text) end
    set[name] = value
  end
  return set
end

-- What --set said, with what --paused says: a field like any other, so that it is remembered.
function arguments.paused(list, paused)
  local set = { table.unpack(list) }
  if paused then set[#set + 1] = "paused=true" end
  return set
end

-- Loads and plans the recipe that the arguments name: plan, machine, or nil, text, code.
function arguments.plan(args, options)
  local lunik = require "lunik"
  local set, why = arguments.settings(args.set)
  if not set then return nil, why, exit.usage end
  local all = { set = set, limit_memory = true }
  for key, value in pairs(options or {}) do all[key] = value end
  local plan, other = lunik.plan(args.recipe, all)
  if not plan then return nil, lunik.text(other), exit.problems end
  return plan, other
end

return arguments

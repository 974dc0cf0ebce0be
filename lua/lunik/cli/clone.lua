-- SPDX-License-Identifier: MIT
-- What verbs that start machines share about a recipe with a template: their start is a clone of
-- that, which is made first where it is not there.
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local exit = require "lunik.exit"
local loop = require "lunik.async.loop"
local progress = require "lunik.cli.progress"
local signal = require "posix.signal"

local clone = {}

local function prepare() return require "lunik.supervisor.prepare" end

-- Whether starts of a machine are clones.
function clone.is_wanted(machine)
  return require "lunik.plan.template".of(machine) ~= nil
end

-- --set's words in their order, as arguments.plan takes them.
local function words(set) return require "lunik.supervisor.machines".settings { set = set } end

local function planner(recipe, about)
  return function(set, folder)
    return arguments.plan({ recipe = recipe, set = words(set) },
                          { kept = true, host = about.host, template = folder })
  end
end

local function asked(recipe, about)
  return { set = arguments.settings(about.set), tell = about.tell, begun = about.begun,
           alone = about.alone, plan = planner(recipe, about) }
end

-- A start by the template of a recipe, in a task of the loop; plan and machine are those of one
-- without: plan, machine, the clone (lunik.supervisor.fork), to be closed | nil, why, code. about:
-- set, a list of FIELD=VALUE; host; kept; tell(kind, text, name); begun(up); alone, as
-- lunik.supervisor.fork.open has it
function clone.plan(l, recipe, plan, machine, about)
  local list, why, code = prepare().clone(l, plan, machine, asked(recipe, about), function(one)
    return require "lunik.cli.differs"(one, function(text)
      about.tell("note", text, plan.name)
    end)
  end)
  if not list then return nil, why, code end
  local one = list[1]
  local made, other
  made, other, code = arguments.plan({ recipe = recipe, set = words(one.set) },
    { kept = about.kept, host = about.host, saved = one.saved })
  if made then return made, other, list end
  list:close()
  return nil, other, code
end

-- Has what is being made ended by signals: a task's work.
local function hear(l, signals, session)
  while true do
    l:wait(signals:fd(), "r")
    if signals:next(0) then
      session.interrupted = true
      if session.making then session.making:stop() end
    end
  end
end

local function have(l, recipe, shown, session)
  local plan, machine, code = arguments.plan({ recipe = recipe }, { kept = true })
  if not plan then return nil, machine, code end
  if not clone.is_wanted(machine) then
    return nil, ("%s has no template { … }: lunik save makes a machine that can be forked"):format(
      recipe), exit.problems
  end
  session.name = plan.name
  return prepare().have(l, plan, machine, asked(recipe, { set = {},
    begun = function(making) session.making = making end,
    tell = function(kind, text, name) shown:tell(name, kind, text) end }))
end

-- The folder of a recipe's template, made where it is not there, and the name of its machine
-- | nil, why, code
function clone.folder(recipe, json, out, err)
  local signals <close> = assert(core.signals.open { signal.SIGINT, signal.SIGTERM, signal.SIGHUP })
  local l <close> = loop.new()
  local shown, session = progress.new(l, { json = json, out = out, err = err }), {}
  local folder, why, code
  l:run(function()
    local listener = l:spawn("signals", hear, l, signals, session)
    folder, why, code = have(l, recipe, shown, session)
    listener:cancel()
    shown:close()
  end)
  if folder then return folder, session.name end
  return nil, why, session.interrupted and exit.killed or code
end

return clone

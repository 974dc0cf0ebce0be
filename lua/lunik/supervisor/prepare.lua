-- SPDX-License-Identifier: MIT
-- Has the template of a recipe (template { … }), as it reads now: the one that is there, or one
-- that is booted, prepared and saved first. Whoever wants the same meanwhile waits for it. Whatever
-- fails or dies, there is no template, and the next start makes it.
local defer = require "lunik.async.defer"
local exit = require "lunik.exit"
local fork = require "lunik.supervisor.fork"
local made_of = require "lunik.supervisor.made_of"
local of_machine = require "lunik.plan.template".of
local templates = require "lunik.supervisor.templates"
local turn = require "lunik.supervisor.turn"
local up = require "lunik.supervisor.up"

local prepare = {}

-- Whether a machine has a template, so that its starts are clones.
function prepare.is_wanted(machine) return of_machine(machine) ~= nil end

-- What --set may say of a start that the template does not hear of.
local STARTS = { name = true, paused = true, gdb = true, life = true, stop = true,
                 on_host_shutdown = true }

local function settings(set)
  local out = {}
  for field, value in pairs(set or {}) do
    if not STARTS[field] then out[field] = value end
  end
  return out
end

-- What is to be had: { name, of, key, parts, recipe, keep, set }
local function wanted(plan, machine, set)
  local parts = made_of.list(plan, machine, set)
  local key = made_of.key(parts)
  return { name = templates.name(machine.name, key), of = machine.name, key = key, parts = parts,
           recipe = machine.raw.context.file, keep = of_machine(machine).keep, set = set }
end

-- The folder of the one that is there, whatever the machine was called for which it was made | nil
local function present(one)
  for _, each in ipairs(templates.all()) do
    if each.key == one.key and templates.touch(each.name) then
      return templates.folder(each.name)
    end
  end
end

-- Why it is made: what is not as it was with the one that was used last, if there was any.
local function because(one)
  local last
  for _, each in ipairs(templates.all()) do
    if each.recipe == one.recipe and (not last or each.used > last.used) then last = each end
  end
  if not last then return "it is made: there is none yet" end
  local lines = made_of.changes(last.parts, one.parts)
  return ("it is made anew: %s since %s was made"):format(table.concat(lines, ", "), last.name)
end

-- Starts the machine that becomes the template, and waits until it has ended: true | nil, why, code
local function boot(loop, asked, one)
  local self, why = up.begin(loop)
  if not self then return nil, why, exit.start end
  local _ <close> = defer(function()
    asked.begun(nil)
    self:close()
  end)
  asked.begun(self)
  local set = { name = one.name }
  for field, value in pairs(one.set) do set[field] = value end
  local plan, machine, code = asked.plan(set, templates.folder(one.name))
  if not plan then return nil, machine, code end
  local ok
  ok, why = self:carry(plan, machine, { set = set })
  if not ok then return nil, why, exit.start end
  ok, why, code = self:await(function(kind, text)
    if kind ~= "end" then asked.tell(kind, text, one.name) end
  end)
  return ok == nil and code == exit.ok or nil, why, code
end

-- Makes it, as nobody else does: true | nil, why, code
local function make(loop, asked, one)
  local ok, why = templates.remove(loop, one.name)
  local code
  if ok then
    asked.tell("template", because(one), one.name)
    ok, why, code = boot(loop, asked, one)
  end
  if ok then ok, why = templates.write(one.name, one) end
  if ok then return true end
  templates.remove(loop, one.name)
  return nil, why, code or exit.start
end

-- The same, unless somebody else makes it meanwhile: its folder | nil, why, code
local function in_turn(loop, asked, one)
  local mine <close>, why = turn.take(loop, templates.turn(one.name), function()
    asked.tell("template", "another lunik is just making it", one.name)
  end)
  if not mine then return nil, why, exit.start end
  local there = present(one)
  if there then return there end
  local ok, code
  ok, why, code = make(loop, asked, one)
  return ok and templates.folder(one.name), why, code
end

-- The folder of the template of a recipe, of which the plan and the machine are those of a start
-- without | nil, why, code. In a task of `loop`. asked: set, what --set said, as a table; plan(set,
-- folder) plans the machine that becomes the template: plan, machine | nil, why, code; tell(kind,
-- text, name); begun(up) hears of what can be stopped, and nil when it is over.
function prepare.have(loop, plan, machine, asked)
  if templates.is(plan.name) then
    return nil, ("'%s' is a template: its clones have other names"):format(plan.name), exit.problems
  end
  local one = wanted(plan, machine, settings(asked.set))
  templates.sweep(loop, function(name, text) asked.tell("template", text, name) end)
  local there, why, code = present(one), nil, nil
  if not there then there, why, code = in_turn(loop, asked, one) end
  return there, why and ("template %s: %s"):format(one.name, why), code
end

-- A start of the machine by its template: what lunik.supervisor.fork.open returns, of one clone,
-- which is to be closed | nil, why, code. asked, as above; differs, as fork.open has it.
function prepare.clone(loop, plan, machine, asked, differs)
  local folder, why, code = prepare.have(loop, plan, machine, asked)
  if not folder then return nil, why, code end
  local list
  list, why = fork.open(folder, { as = plan.name, forward = "written", set = asked.set,
                                  memory = asked.alone and "copied" or nil, alone = asked.alone,
                                  template = true, tell = asked.tell }, differs)
  return list, why, exit.problems
end

return prepare

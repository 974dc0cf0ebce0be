-- SPDX-License-Identifier: MIT
-- What launch is told of a machine beside its plan: the recipe's code (hooks, policies, the
-- function of `ready =`), where the recipe lies, and how whoever starts it wants it. Every road to
-- a running machine gets it here: `lunik run`, the supervisor of `up` and `adopt`, lunik.run, the
-- C API.
local points = require "lunik.hook.points"
local suggest = require "lunik.text.suggest"

local brief = {}

-- hooks     { point, fn, at } in written order; policies { family, fn, at }
-- ready     a function for `ready =` | nil; prepare, what a template is prepared by | nil
-- recipe    the recipe's file; texts, what it and the files that it reads held, by path
-- again     again{ files, env }, the code of the recipe as it is now (lunik.launch.code) | nil, why
-- tell      tell(kind, text), which hears of progress
-- console   console(bytes), which hears what the guest says; shared: it is read in any case
-- tied      the machine dies with this process
-- shielded  QEMU and helpers do not hear SIGTERM, which is sent to all of a job's processes
-- paused    it stays paused
-- leaving   leaving(vm), called before the guest is asked to go; it may wait
-- claimed   claimed(context), called once the machine is ours: true | nil, why
-- meanwhile meanwhile(), called while QEMU starts, which takes longer
-- where     where(lines, cause), the text of the recipe's line that the last lines of a QEMU which
--           did not start speak of | nil; without it the plan is asked
-- settled   settled(), which waits until whoever starts it has all that it starts
-- clones    clones(vm, asked), which starts clones of it (lunik.supervisor.cloner)
-- memory    what a clone's memory stands in, by the names of the plan's descriptors
-- seconds   for QEMU to answer
local FIELDS = { "hooks", "policies", "ready", "prepare", "recipe", "texts", "again", "tell",
                 "console", "shared", "tied", "shielded", "paused", "leaving", "claimed",
                 "meanwhile", "memory", "where", "settled", "clones", "seconds" }

local is_field = {}
for _, name in ipairs(FIELDS) do is_field[name] = true end

local function complete(self, options)
  for name, value in pairs(options) do
    assert(is_field[name], name)
    self[name] = value
  end
  return self
end

-- Says what is wrong with the name of a hook point in a program's `on = { … }` | nil
function brief.wrong_point(name)
  if type(name) == "string" and points.find(name) then
    return points.doubt(name) or points.is_event(name) and points.unheard(name) or nil
  end
  local names = {}
  for i, row in ipairs(points.rows) do names[i] = row.name end
  return ("no hook point '%s'%s"):format(tostring(name),
    suggest.hint_or_all(tostring(name), names, 20))
end

-- Of a machine that was checked in this process (lunik.machine), whose recipe is in its running
-- phase from here on. `on`: more hooks, by their points; `say(text)` gets what the recipe prints.
function brief.of_machine(machine, loop, options, on, say)
  require "lunik.recipe.running".enter(machine, loop, say)
  local hooks = { table.unpack(machine.hooks) }
  for _, point in ipairs(require "lunik.text.sorted"(on or {})) do
    hooks[#hooks + 1] = { point = point, fn = on[point], at = "lunik.run" }
  end
  return complete({ hooks = hooks, policies = machine.policies, ready = machine.ready.call,
                    recipe = machine.raw.context.file, texts = machine.raw.inputs.files }, options)
end

-- Says what is wrong with a family in a program's `policies = { … }` | nil
function brief.wrong_policy(family)
  local names = {}
  for _, field in ipairs(require "lunik.device".row("hotplug", "pcie").known) do
    if field.name == family and field.policy then return nil end
    if field.policy then names[#names + 1] = field.name end
  end
  return ("no policy about '%s'%s"):format(tostring(family),
    suggest.hint_or_all(tostring(family), names, 8))
end

-- A program's policies, by their families, behind the recipe's own.
function brief.add_policies(told, policies)
  local all = { table.unpack(told.policies) }
  for _, family in ipairs(require "lunik.text.sorted"(policies)) do
    all[#all + 1] = { family = family, fn = policies[family], at = "lunik.run" }
  end
  told.policies = all
end

-- Of a snapshot (lunik.recipe.snapshot), whose recipe is read again where it has code | nil, why
function brief.of_snapshot(kept, loop, options, say)
  local self = { hooks = {}, recipe = kept.recipe.file, texts = kept.recipe.inputs.files }
  if kept.recipe.active then
    local code, why = require "lunik.launch.code".read(kept, loop, say)
    if not code then return nil, why end
    self.hooks, self.policies, self.ready = code.hooks, code.policies, code.ready
    self.prepare = code.prepare
  end
  function self.again(asked) return require "lunik.launch.code".again(kept, asked, loop, say) end
  return complete(self, options)
end

return brief

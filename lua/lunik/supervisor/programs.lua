-- SPDX-License-Identifier: MIT
-- What a Lua program starts machines by: of a recipe, by its template where it has one; of a saved
-- machine; clones of either. plan(about), about = { recipe, set, template, saved, kept }, plans a
-- recipe's machine: plan, machine | nil, problems.
local check = require "lunik.schema.check"
local fork = require "lunik.supervisor.fork"
local host = require "lunik.host"
local machines = require "lunik.supervisor.machines"
local prepare = require "lunik.supervisor.prepare"
local restore = require "lunik.supervisor.restore"
local up = require "lunik.supervisor.up"
local within = require "lunik.async.within"

local programs = {}

local function asked_by(options, plan)
  return { set = options.set, begun = function() end, tell = options.tell or function() end,
    plan = function(set, folder)
      local made, other = plan { set = set, template = folder, kept = true }
      return made, made and other or check.text_of(other)
    end }
end

-- The plan of a start, its machine, and, where the recipe has a template, the clone that it is, to
-- be closed | nil, problems
function programs.plan(loop, options, plan, differs)
  local cold, machine = plan {}
  if not cold or not prepare.is_wanted(machine) then return cold, machine end
  local list, why = prepare.clone(loop, cold, machine, asked_by(options, plan), differs)
  if not list then return nil, { { why = why } } end
  local made, other = plan { set = list[1].set, saved = list[1].saved }
  if made then return made, other, list end
  list:close()
  return nil, other
end

-- What is set of the machine; `paused` is a field like any other, so that it is remembered.
local function settings(options)
  if not options.paused then return options.set end
  local out = { paused = "true" }
  for name, value in pairs(options.set or {}) do out[name] = value end
  return out
end

-- The handle of a machine that has just come up | nil, problems
local function attached(options, name, problems)
  if not name then return nil, problems end
  local vm, why = machines.attach(name, options.loop)
  if not vm then return nil, { { why = why } } end
  return vm.handle
end

local function start(loop, about, options, plan, differs)
  local clone
  local name, problems = up.run(loop, about, function()
    local made, machine
    made, machine, clone = programs.plan(loop, options, plan, differs)
    if clone then about.set, about.memory = clone[1].set, clone.memory end
    return made, machine
  end)
  if clone then clone:close() end
  return name, problems
end

-- lunik.up
function programs.up(options, plan, differs)
  local set = settings(options)
  local all = setmetatable({ set = set }, { __index = options })
  local function kept(about)
    about.kept, about.set = true, about.set or set
    return plan(about)
  end
  return attached(options, within(options.loop, start, { set = set, tell = options.tell }, all,
                                  kept, differs))
end

-- lunik.restore
function programs.restore(path, options, plan, differs)
  local one, why = restore.open(path, options)
  if not one then return nil, { { why = why } } end
  local about = { set = one.set, tell = options.tell }
  return attached(options, within(options.loop, up.run, about, function()
    local wrong = differs(one)
    if wrong then return nil, { { why = wrong } } end
    return plan { recipe = one.recipe, set = one.set, kept = true, saved = one.saved }
  end))
end

local function is_recipe(path)
  local what = host.kind(path)
  return what == "file" or what == "directory" and not host.kind(path .. "/machine.json")
                           and host.kind(path .. "/vm.lua") ~= nil
end

-- The folder of the template of a recipe, and the name of its machine | nil, problems
local function folder_of(loop, path, options, plan)
  local cold, machine = plan { kept = true }
  if not cold then return nil, machine end
  if not prepare.is_wanted(machine) then
    return nil, { { why = path .. " has no template { … }" } }
  end
  local folder, why = prepare.have(loop, cold, machine, asked_by(options, plan))
  if not folder then return nil, { { why = why } } end
  return folder, cold.name
end

local function clones(loop, path, options, plan, differs)
  local function each(one)
    return plan { set = one.set, kept = true, saved = one.saved, recipe = one.recipe }
  end
  if not is_recipe(path) then return fork.all(loop, path, options, differs, each) end
  local folder, other = folder_of(loop, path, options, plan)
  if not folder then return nil, other end
  local all = setmetatable({ template = true, as = options.as or other .. "-{n}" },
                           { __index = options })
  return fork.all(loop, folder, all, differs, each)
end

-- lunik.fork, of the folder of a saved machine, or of a recipe
function programs.fork(path, options, plan, differs)
  local vms, list, problems = {}, within(options.loop, clones, path, options, plan, differs)
  for i, each in ipairs(list or {}) do
    vms[i], problems = attached(options, each.name)
    if not vms[i] then return nil, problems end
  end
  return list and vms, problems
end

return programs

-- SPDX-License-Identifier: MIT
-- The code of a recipe, for a machine that is being carried out elsewhere than where its recipe
-- was checked: read again from the snapshot, or, where another reading of the recipe is applied to
-- the machine, from the recipe's files. Loads the recipe's half of lunik, so it is asked only for a
-- recipe that has some.
local check = require "lunik.schema.check"
local compose = require "lunik.machine.compose"
local host = require "lunik.host"
local points = require "lunik.machine.hooks"
local records = require "lunik.store.records"
local recipe = require "lunik.recipe"
local roads = require "lunik.hook.points"
local running = require "lunik.recipe.running"
local snapshot = require "lunik.recipe.snapshot"

local code = {}

local function text(problems)
  local lines = {}
  for i, problem in ipairs(problems) do lines[i] = check.text(problem) end
  return table.concat(lines, "\n")
end

-- The function of `ready = function(vm) … end`: the last word counts, as with all scalars.
local function ready(draft)
  local value
  for _, scalar in ipairs(draft.scalars) do
    if scalar.name == "ready" then value = scalar.value end
  end
  return type(value) == "function" and value or nil
end

-- The fields of the template that it has | none
local function template(draft)
  for _, item in ipairs(draft.items) do
    if item.word == "template" then return item.fields end
  end
  return {}
end

-- The functions of a recipe that was read; `say(text)` gets what they print.
local function of_raw(raw, set, loop, say)
  local problems = {}
  local draft = compose.draft(raw, set, problems)
  local found = points.read(draft, { host = host, dir = raw.dir }, problems)
  if #problems > 0 then return nil, text(problems) end
  running.enter({ raw = raw }, loop, say)
  return { hooks = found, policies = points.policies(draft), ready = ready(draft),
           template = template(draft) }
end

-- What of it is called while the template is made.
local function of_template(found)
  local hooks = {}
  for _, hook in ipairs(found.hooks) do
    if roads.passes(hook.point, "template") then hooks[#hooks + 1] = hook end
  end
  local own = found.template.ready
  return { hooks = hooks, policies = {}, prepare = found.template.prepare,
           ready = type(own) == "function" and own or found.ready }
end

-- { hooks, policies, ready, prepare } of a snapshot | nil, why
function code.read(kept, loop, say)
  local raw, problems = snapshot.read(kept)
  if not raw then return nil, text(problems) end
  local found, why = of_raw(raw, kept.recipe.set, loop, say)
  return found and kept.plan.template and of_template(found) or found, why
end

-- This host with variables of the environment, false where one is not set, in place of its own.
local function with_environment(env)
  return setmetatable({ env = function(name)
    if env[name] ~= nil then return env[name] or nil end
    return host.env(name)
  end }, { __index = host })
end

-- Whether a recipe was read from files that hold just that: a list of { path, text }.
local function is_from(raw, files)
  local texts = {}
  for _, file in ipairs(files) do texts[file.path] = file.text end
  for path, held in pairs(raw.inputs.files) do
    if texts[path] ~= held then return false end
  end
  return true
end

-- Writes down, for whoever adopts the machine, by which recipe it runs: true | nil, why
local function keep(runtime, read)
  local kept, why = snapshot.of_directory(runtime)
  if not kept then return nil, why end
  kept.recipe = read
  return records.write(runtime .. "/snapshot", snapshot.encode(kept))
end

-- The same of the recipe's files as they are now, which are to be those that somebody has checked,
-- in the environment in which they did: asked is { files, env }. What is returned can be kept:
-- code.keep() -> true | nil, why, and what undoes it.
function code.again(kept, asked, loop, say)
  local before = kept.recipe
  local raw, problems = recipe.load(before.path, with_environment(asked.env), { dir = before.dir })
  if not raw then return nil, text(problems) end
  if not is_from(raw, asked.files) then
    return nil, before.file .. ": was changed while it was being applied"
  end
  local found, why = of_raw(raw, before.set, loop, say)
  if not found then return nil, why end
  local after = snapshot.recipe(raw, before.set, true)
  local function use(one)
    kept.recipe = one
    return keep(kept.plan.runtime, one)
  end
  function found.keep() return use(after) end
  function found.forget() return use(before) end
  return found
end

return code

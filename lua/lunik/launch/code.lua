-- SPDX-License-Identifier: MIT
-- The code of a recipe, for a machine that is being carried out elsewhere than where its recipe
-- was checked: read again from the snapshot. Loads the recipe's half of lunik, so it is asked only
-- for a recipe that has some.
local check = require "lunik.schema.check"
local compose = require "lunik.machine.compose"
local host = require "lunik.host"
local points = require "lunik.machine.hooks"
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

-- { hooks, policies, ready } of a snapshot | nil, why. `say(text)` gets what they print.
function code.read(kept, loop, say)
  local raw, problems = snapshot.read(kept)
  if not raw then return nil, text(problems) end
  problems = {}
  local draft = compose.draft(raw, kept.recipe.set, problems)
  local found = points.read(draft, { host = host, dir = raw.dir }, problems)
  if #problems > 0 then return nil, text(problems) end
  running.enter({ raw = raw }, loop, say)
  return { hooks = found, policies = points.policies(draft), ready = ready(draft) }
end

return code

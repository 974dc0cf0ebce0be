-- SPDX-License-Identifier: MIT
-- Runs the hooks of the point `plan`. They see copies of what is planned and may add to
-- it; nothing of lunik's own comes into a recipe's hands.
local check = require "lunik.schema.check"
local devices = require "lunik.machine.devices"
local item = require "lunik.schema.item"
local kind = require "lunik.schema.kind"
local plain = require "lunik.schema.plain"
local safe = require "lunik.recipe.safe"
local scalar = require "lunik.machine.scalar"

local hook = {}

-- plan:add(qemu.device { … })
local function adder(plan, machine, at)
  return function(_, value)
    local made = item.open(value)
    if not made or not made.word:find "^qemu%." then
      error("plan:add: a value such as qemu.device { … } expected, got " .. kind.show(value), 2)
    end
    local fields, why = plain.fields(made.fields, { n = 0 })
    if not fields then error(("plan:add: %s: %s"):format(made.word, why), 2) end
    local found = {}
    local option = devices.option({ word = made.word, fields = fields, at = made.at },
      machine, plan.host, found)
    for _, problem in ipairs(found) do
      table.insert(problem.about == "host" and plan.lacks or plan.problems, problem)
    end
    if option then
      plan.item = { at = at, option = option.option }
      plan.origin = { hook = made.at or at, option = option.option }
      plan:option { option = option.option, args = option.args, at = made.at or at }
      plan.item = nil
    end
  end
end

local function view_of(plan, machine, at)
  return { name = plan.name, arch = plan.arch, argv = plan:command "paste",
    add = adder(plan, machine, at) }
end

-- The machine's own fields, as they were understood.
local function facts(machine)
  local out = {}
  for _, row in ipairs(scalar) do out[row.name] = plain.copy(machine[row.name], { n = 0 }) end
  return out
end

function hook.run(plan, machine)
  for _, one in ipairs(machine.hooks) do
    if one.point == "plan" then
      local view = view_of(plan, machine, one.position)
      local ok, why, message = safe.call(one.fn, view, facts(machine))
      if not ok then check.raised(plan.problems, one.position, "on plan", why, message) end
    end
  end
end

return hook

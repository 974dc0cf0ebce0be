-- SPDX-License-Identifier: MIT
-- What is done to a machine in steps, each of which may be its supervisor's last: a step's name is
-- in the machine's record before it begins, for whoever adopts the machine.
local steps = {}

-- Says that a step begins: true | nil, why. `doing` is nil where nothing is left to do.
function steps.begin(vm, doing)
  local context = vm.context
  context.doing = doing
  return context.intend(vm.ladder.asked > 0 and "stopping" or context.step)
end

-- The same, of a machine that has not ended.
local function begin(vm, doing)
  local ok, why = steps.begin(vm, doing)
  vm.loop:pass()                     -- who has died meanwhile is known
  if vm.qemu.ended:is_set() then return nil, "QEMU has ended" end
  return ok, why
end

-- Goes a list of steps, { name, function(vm, …) -> true | nil, why, code }, in their order: true
-- | nil, why, code. `what` they are steps of is said before their names.
function steps.go(vm, what, list, ...)
  for _, step in ipairs(list) do
    local ok, why, code = begin(vm, ("%s: %s"):format(what, step[1]))
    if ok then ok, why, code = step[2](vm, ...) end
    if not ok then return nil, why, code end
  end
  return true
end

return steps

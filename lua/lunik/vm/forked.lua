-- SPDX-License-Identifier: MIT
-- What a clone alone has, once its guest answers, and before anybody is told that it is there. What
-- it was asked to have and cannot have ends it: a clone is whole, or none.
local forked = {}

-- The mounts of this clone: true | nil, why
local function mounts(vm, list)
  for _, fields in ipairs(list or {}) do
    local ok, why = vm.hotplug:plug("mount", fields, {})
    if not ok then return nil, why end
  end
  return true
end

-- true | nil, why
function forked.become(vm, asked)
  return mounts(vm, asked.mounts)
end

-- Ends a clone that is not what was asked for.
function forked.give_up(vm, why)
  vm.seen.late, vm.seen.unready, vm.seen.told_to_quit = why, "fork", true
  if not vm.monitor:exec "quit" then vm.qemu:signal(9) end
end

return forked

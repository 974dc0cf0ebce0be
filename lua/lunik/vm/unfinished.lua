-- SPDX-License-Identifier: MIT
-- What an earlier supervisor of a machine was in the midst of when it died, as it wrote that down.
local unfinished = {}

local SAVINGS = { save = "lunik.vm.save", fork = "lunik.vm.fork" }

-- What has become of the machine's disks since it was started. Before anything is written down.
function unfinished.look(vm)
  if vm.plan.saved then require "lunik.vm.commit".settle(vm, vm.plan.saved) end
  if vm:images()[1] then require "lunik.vm.layers".settle(vm) end
end

-- Comes to an end with it, once the machine is ours.
function unfinished.settle(vm)
  local saving, doing = vm.context.saving, vm.context.doing
  if not saving then return end
  require(SAVINGS[saving.what] or SAVINGS.save).settle(vm, saving, doing)
end

return unfinished

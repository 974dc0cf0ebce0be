-- SPDX-License-Identifier: MIT
-- What makes a clone another machine than the one that was saved, once its guest answers and before
-- anybody is told that it is there: numbers, a name and addresses of its own, and the mounts that
-- were asked for. What it was asked to have and cannot have ends it: a clone is whole, or none.
local cards = require "lunik.vm.fresh.cards"
local fresh = require "lunik.vm.fresh"
local record = require "lunik.vm.save.record"

local forked = {}

-- What of a guest is anew (lunik.vm.fresh). Cards that do not tell keep their addresses.
function forked.what(vm)
  local macs, why = cards(vm.monitor)
  if not macs then vm:tell("problem", "not renewed in the guest: mac: " .. why) end
  return { clock = true, randomness = true, machine_id = record.new_id(), macs = macs, lease = true,
           host_keys = vm.plan.saved.fork.host_keys,
           hostname = (vm.name:gsub("[^%w.-]", "-"):sub(1, 63)) }
end

-- What takes a second itself, once the clone is there: a task, vm.resting. What could not be done
-- is told.
function forked.rest(vm, what)
  vm.resting = vm.loop:spawn_for(vm.problem, "the rest of a clone", function()
    local report, why = fresh.run(vm.guest, what, "rest")
    for _, each in ipairs(report and fresh.left(report) or { why }) do
      vm:tell("problem", "not renewed in the guest: " .. each)
    end
  end)
end

-- The mounts of this clone: true | nil, why
function forked.mount(vm)
  for _, fields in ipairs(vm.plan.saved.fork.mounts or {}) do
    local device, why = vm.hotplug:plug("mount", fields, {})
    if not device then return nil, why end
    vm.context.timeline:inside(device.steps)
  end
  return true
end

-- Ends a clone that is not what was asked for.
function forked.give_up(vm, why)
  vm.seen.late, vm.seen.unready, vm.seen.told_to_quit = why, "fork", true
  if not vm.monitor:exec "quit" then vm.qemu:signal(9) end
end

return forked

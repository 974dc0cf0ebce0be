-- SPDX-License-Identifier: MIT
-- What makes a clone another machine than the one that was saved, once its guest answers and before
-- anybody is told that it is there: numbers, a name and addresses of its own, and the mounts that
-- were asked for. What it was asked to have and cannot have ends it: a clone is whole, or none.
local cards = require "lunik.vm.fresh.cards"
local fresh = require "lunik.vm.fresh"
local mounts = require "lunik.vm.save.mounts"
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
    vm.context.settled()
    local report, why = fresh.run(vm.guest, what, "rest")
    for _, each in ipairs(report and fresh.left(report) or { why }) do
      vm:tell("problem", "not renewed in the guest: " .. each)
    end
  end)
end

-- What is to be mounted in it: what the saved machine had, by the device's id, and its own.
local function wanted(vm)
  local list = {}
  for _, mount in ipairs(mounts.off(vm, vm.plan.saved)) do
    if mount.off then
      local fields, options = mounts.again(mount)
      list[#list + 1] = { id = mount.id, fields = fields, options = options }
    end
  end
  for _, fields in ipairs(vm.plan.saved.fork.mounts or {}) do
    list[#list + 1] = { fields = fields, options = {} }
  end
  return list
end

-- Has the devices come, one after the other, up to where the guest is to use them.
local function plug_all(vm, coming)
  for _, one in ipairs(wanted(vm)) do
    local there = vm.loop:latch()
    function one.options.first()
      there:set(true)
      return coming.renewed:wait()
    end
    coming[one.id or #coming + 1] = vm.loop:spawn("mount", function()
      local device, why = vm.hotplug:plug("mount", one.fields, one.options)
      there:set(true)
      return device, why
    end)
    there:wait()
  end
end

local function begin(vm)
  vm.coming = { renewed = vm.loop:latch() }
  vm.coming.all = vm.loop:spawn("mounts", plug_all, vm, vm.coming)
end

-- Begins with the mounts of a clone that has just gone on: its guest finds the devices while it is
-- made another machine, and uses them then. Where the recipe has code for what comes, that is not
-- asked before.
function forked.begin(vm)
  if not vm.paused and not vm.hotplug:has_policies() then begin(vm) end
end

-- Raises what a task has raised.
local function joined(task)
  local ran, value, why = task:join()
  if not ran then error(value, 0) end
  return value, why
end

-- The guest may use them: a function of a mount of the saved machine, which gives its device | nil,
-- why
function forked.coming(vm)
  if not vm.coming then begin(vm) end
  vm.coming.renewed:set(true)
  joined(vm.coming.all)
  return function(mount) return joined(vm.coming[mount.id]) end
end

-- The mounts that it alone has: true | nil, why
function forked.mount(vm)
  for _, task in ipairs(vm.coming) do
    local device, why = joined(task)
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

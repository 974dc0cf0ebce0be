-- SPDX-License-Identifier: MIT
-- What is done with a template once it is ready: the recipe prepares it, what clones will mount by
-- is warm, it is saved, and ends. Whatever fails, it ends without.
local save = require "lunik.vm.save"
local slice = require "lunik.async.slice"
local stat = require "posix.sys.stat"
local mode = require "lunik.system.mode"
local unistd = require "posix.unistd"

local template = {}

local TAG = "lunik-warm"

-- What the recipe does with it: true | nil, why
local function prepare(vm)
  local fn = vm.context.prepare
  if not fn then return true end
  vm:tell("template", "preparing it")
  local ran, answer, why = slice.call(vm.loop, nil, fn, vm.handle)
  if not ran then return nil, "prepare: " .. tostring(answer) end
  -- as what can fail in a recipe says it: return vm:exec { … }
  if not answer and why ~= nil then return nil, "prepare: " .. tostring(why) end
  return true
end

-- Whether it has mounted something already that its daemon serves.
local function has_mounted(vm)
  for _, device in ipairs(vm.hotplug.devices) do
    if device.share and device.helper then return true end
  end
  return false
end

-- Mounts an empty folder and takes it away, where clones may mount something: a guest whose driver
-- is there already mounts the first one faster. One that cannot is told.
local function warm(vm)
  local room = vm.plan.hotplug and vm.plan.hotplug.ports or 0
  if room == 0 or has_mounted(vm) or not vm.guest:reachable() then return end
  local folder = vm.plan.runtime .. "/warm"
  local ok, why = stat.mkdir(folder, mode.folder)
  local device
  if ok then
    device, why = vm.hotplug:plug("mount", { from = folder, to = "/mnt/" .. TAG, tag = TAG,
                                             readonly = true }, {})
  end
  ok = device
  if device then ok, why = vm.hotplug:unplug(device.id, {}) end
  unistd.rmdir(folder)
  if not ok then vm:tell("note", "what clones mount by is not warm: " .. tostring(why)) end
end

-- Ends it: there is no template. `kind` is one of lunik.vm.outcome's.
function template.give_up(vm, why, kind)
  vm.seen.late, vm.seen.unready, vm.seen.told_to_quit = why, kind or "template", true
  if not vm.monitor:exec "quit" and not vm.qemu.ended:is_set() then vm.qemu:signal(9) end
end

-- Prepares and saves the machine, which is ready.
function template.make(vm)
  if vm.adopted then return template.give_up(vm, "whoever wanted the template is gone") end
  vm:tell("ready", ("ready after %.1f s"):format(vm.loop.now() - vm.began))
  vm.dispatch:fire("ready", vm.handle)
  local ok, why = prepare(vm)
  if ok then
    warm(vm)
    ok, why = save.run(vm, { file = vm.plan.template })
  end
  if not ok then template.give_up(vm, why) end
end

return template

-- SPDX-License-Identifier: MIT
-- Mounts, plugs and finds devices of a running machine, for the rows of its methods.
local mounts = require "lunik.hotplug.mounts"
local sizes = require "lunik.vm.sizes"

local devices = {}

local function copy(fields)
  local out = {}
  for key, value in pairs(fields) do out[key] = value end
  return out
end

-- The options of a request, which is asked once more whether it may be when it is about to begin: a
-- save may have begun while a policy, or QEMU, was asked.
local function held_up(vm, options)
  local out = copy(options or {})
  function out.hindered() return vm:hindered() end
  return out
end

-- Mounts a directory of the host, { from =, to =, tag =, … } as mount {} has them: what `lunik
-- mounts` lists of it, and the steps it took | nil, why, code. options: seconds for a guest that
-- is booting.
function devices.mount(vm, fields, options)
  local why, code = vm:hindered()
  if why then return nil, why, code end
  local device
  device, why, code = vm.hotplug:plug("mount", copy(fields), held_up(vm, options))
  if not device then return nil, why, code end
  local mounted = mounts.listed(device)
  mounted.steps = device.steps
  return mounted
end

-- Every mount. With a list of those that are wanted, whatever differs is changed first: the mounts
-- | nil, why, code
function devices.mounts(vm, wanted)
  local ok, why, code = true, nil, nil
  if wanted then ok, why, code = require "lunik.vm.converge".run(vm, wanted) end
  if not ok then return nil, why, code end
  return vm.hotplug:mounts()
end

-- Plugs the fields of a family: { id, family, label, port, by_hand } | nil, why, code. options: as
-- hotplug:plug.
function devices.plug(vm, family, fields, options)
  local why, code = vm:hindered()
  if why then return nil, why, code end
  local device
  device, why, code = vm.hotplug:plug(family, copy(fields), held_up(vm, options))
  if not device then
    local dir = options and options.dir or vm.plan.dir or "/"
    return nil, require "lunik.vm.cause".with(vm.plan, why, fields.file, dir), code
  end
  sizes.changed(vm, device.family)
  return { id = device.id, family = device.family, label = device.label, port = device.port,
           by_hand = device.by_hand }
end

-- Unplugs a device, or unmounts a mount, by one of its names: true | nil, why, code. options:
-- force, seconds.
function devices.unplug(vm, name, options)
  local why, code = vm:hindered()
  if why then return nil, why, code end
  local found = vm.hotplug:find(name)
  local ok
  ok, why, code = vm.hotplug:unplug(name, held_up(vm, options))
  if ok and found then sizes.changed(vm, found.family) end
  return ok, why, code
end

-- Finds a device by its id: what is known of it | nil, why, code
function devices.find(vm, id)
  local device = vm.hotplug:device(id)
  if device then return device end
  return nil, ("no device '%s'"):format(id), "missing"
end

return devices

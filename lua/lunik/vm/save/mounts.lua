-- SPDX-License-Identifier: MIT
-- The mounts of a machine that is being saved: QEMU can write the state of none whose daemon it
-- speaks to. They are taken off all or none, and put back where anything fails.
local life = require "lunik.hotplug.life"

local mounts = {}

-- Whether a daemon of the host's serves it, so that its device has to go.
local function is_served(device) return device.helper ~= nil end

-- The mounts that a machine has, as they can be asked for again.
function mounts.of(vm)
  local list = {}
  for _, device in ipairs(vm.hotplug.devices) do
    if device.share and not life.is_dead(device) then
      list[#list + 1] = { device = device, id = device.id, label = device.label,
        share = device.share, served = is_served(device), boot = not device.hot,
        port = device.port, asked = device.asked, fields = device.fields }
    end
  end
  return list
end

-- Why they cannot be taken off now, each in a line | nil, and a code
function mounts.refusal(vm, list, force)
  local lines, code = {}, nil
  for _, mount in ipairs(list) do
    local busy = life.busy(mount.device) or mount.device.state ~= "plugged" and "taken away"
    local ok, why, word = not busy, nil, "busy"
    if busy then why = ("%s: is just being %s"):format(mount.label, busy) end
    if ok and not force then ok, why, word = vm.hotplug:spares_mount(mount.device) end
    if not ok then lines[#lines + 1], code = why, code or word end
  end
  return lines[1] and table.concat(lines, "\n"), code
end

-- The mounts of a saved machine, each `off` where it is to be plugged still.
function mounts.off(vm, saved)
  local list = {}
  for i, mount in ipairs(saved.mounts) do
    local off = mount.served and not vm.hotplug:device(mount.id)
    list[i] = setmetatable({ off = off }, { __index = mount })
  end
  return list
end

-- What one that was taken off is plugged by again: fields, and options (lunik.hotplug.plug).
function mounts.again(mount)
  local asked = mount.asked or { fields = mount.fields }
  local fields = { port = mount.port }
  for key, value in pairs(asked.fields) do fields[key] = value end
  return fields, { boot = mount.boot, dir = asked.dir, text = asked.text }
end

-- Mounts again what was taken off: failures, as texts. plug(mount): the device | nil, why; by
-- default it is plugged now.
function mounts.put_back(vm, list, plug)
  plug = plug or function(mount) return vm.hotplug:plug("mount", mounts.again(mount)) end
  local failures = {}
  for _, mount in ipairs(list) do
    if mount.off then
      local ok, why = true, nil
      if mount.served then
        ok, why = plug(mount)
      elseif mount.device and mount.device.mounted then
        ok, why = vm.guest:settle(mount.device.mounted, 30)
      end
      mount.off = not ok or nil
      if not ok then failures[#failures + 1] = ("%s: %s"):format(mount.label, why) end
    end
  end
  return failures
end

-- Takes them off, one after the other: true | nil, why, code
function mounts.take_off(vm, list, force)
  for _, mount in ipairs(list) do
    local ok, why, code
    if mount.served then
      ok, why, code = vm.hotplug:unplug(mount.id, { force = force })
    else
      ok, why, code = vm.guest:unmount(mount.share, force)
    end
    if not ok then
      return nil, why, code == true and "busy" or code
    end
    mount.off = true
  end
  return true
end

return mounts

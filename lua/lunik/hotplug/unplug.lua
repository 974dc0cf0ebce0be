-- SPDX-License-Identifier: MIT
-- Unplugs a device that somebody asks to go: the guest stops using it, then everything is taken
-- back.
local death = require "lunik.hotplug.death"
local delete = require "lunik.hotplug.delete"
local devices = require "lunik.hotplug.devices"
local errno = require "posix.errno"
local in_use = require "lunik.hotplug.in_use"
local life = require "lunik.hotplug.life"
local mounts = require "lunik.hotplug.mounts"
local take_back = require "lunik.hotplug.take_back"

local unplug = {}

-- Whether this QEMU can let go of it at all: true | nil, why, code. May wait.
local function can_go(context, device)
  if not device.kind or device.kind == "qemu" then return true end
  local row = require "lunik.device".row(device.family, device.kind)
  local why = row.no_unplug and row.no_unplug(context)
  if not why then return true end
  return nil, ("%s: %s"):format(device.label, why), "unsupported"
end

-- Leads the device back where it was, whose daemon may have died meanwhile.
local function stay(context, device, before)
  life.go(context, device, before)
  if before == "plugged" and device.running and device.running.ended:is_set() then
    death.of(context, device)
  end
end

-- Has the guest stop using it: true | nil, why, code. What was only left over from before is
-- "unplugging" at once.
local function leave(context, device, options)
  local before = device.state
  life.go(context, device, before == "plugged" and "leaving" or "unplugging")
  local left = false
  local _ <close> = setmetatable({}, { __close = function()
    if not left then stay(context, device, before) end
  end })
  local ok, why, code = can_go(context, device)
  if ok and not options.force and before == "plugged" then
    ok, why, code = in_use.ask(context, device)
  end
  if ok and device.share then ok, why, code = mounts.leave(context, device, options) end
  left = ok == true
  if not ok then return nil, why, code end
  if device.state == "leaving" then life.go(context, device, "unplugging") end
  return true
end

-- Unplugs a device by one of its names: true | nil, why, code. options: force (from whoever uses
-- it), seconds (for the guest), hindered() (why nothing may change now, and a code | nil)
function unplug.run(context, name, options)
  options = options or {}
  local why, code
  if options.hindered then why, code = options.hindered() end
  if why then return nil, why, code end
  local device
  device, why, code = devices.find(context, name)
  if not device then return nil, why, code end
  if life.is_dead(device) then
    life.go(context, device, "gone")
    return true
  end
  local busy = life.busy(device)
  if busy then return nil, ("'%s' is just being %s"):format(device.label, busy), "busy" end
  local ok
  ok, why, code = leave(context, device, options)
  if not ok then return nil, why, code end
  ok, why, code = take_back.run(context, device, options.seconds or take_back.PATIENCE)
  if code ~= errno.ETIMEDOUT then return ok, why, code end
  if options.force then delete.cut(context, device.remove) end
  return nil, why .. "; it goes when the guest lets go of it, or at a reset", code
end

return unplug

-- SPDX-License-Identifier: MIT
-- Unplugs a device that somebody asks to go: the guest stops using it, then everything is taken
-- back.
local death = require "lunik.hotplug.death"
local delete = require "lunik.hotplug.delete"
local devices = require "lunik.hotplug.devices"
local errno = require "posix.errno"
local life = require "lunik.hotplug.life"
local mounts = require "lunik.hotplug.mounts"
local take_back = require "lunik.hotplug.take_back"

local unplug = {}

-- Why a device cannot be asked to go now | nil
local function impossible(context, device)
  local done = life.busy(device)
  if done then return ("'%s' is just being %s"):format(device.label, done), "busy" end
  if not device.kind or device.kind == "qemu" then return nil end
  local row = require "lunik.device".row(device.family, device.kind)
  local why = row.no_unplug and row.no_unplug(context)
  if why then return ("%s: %s"):format(device.label, why), "unsupported" end
end

-- Leads the device back where it was, whose daemon may have died meanwhile.
local function stay(context, device, before)
  life.go(context, device, before)
  if before == "plugged" and device.running and device.running.ended:is_set() then
    death.of(context, device)
  end
end

-- Has the guest let go of it: true | nil, why, code. Only what is plugged can be said to be in use
-- till then; the rest is being taken away already.
local function leave(context, device, options)
  local before = device.state
  life.go(context, device, before == "plugged" and "leaving" or "unplugging")
  local left = false
  local _ <close> = setmetatable({}, { __close = function()
    if not left then stay(context, device, before) end
  end })
  local ok, why, code = true, nil, nil
  if device.share then ok, why, code = mounts.leave(context, device, options) end
  left = ok == true
  if not ok then return nil, why, code end
  if device.state == "leaving" then life.go(context, device, "unplugging") end
  return true
end

-- Unplugs a device by one of its names: true | nil, why, code. options: force (from whoever uses
-- it), seconds (for the guest)
function unplug.run(context, name, options)
  options = options or {}
  local device, why, code = devices.find(context, name)
  if not device then return nil, why, code end
  if life.is_dead(device) then
    life.go(context, device, "gone")
    return true
  end
  why, code = impossible(context, device)
  if why then return nil, why, code end
  local ok
  ok, why, code = leave(context, device, options)
  if not ok then return nil, why, code end
  ok, why, code = take_back.run(context, device, options.seconds or take_back.PATIENCE)
  if code ~= errno.ETIMEDOUT then return ok, why, code end
  if options.force then delete.cut(context, device.remove) end
  return nil, why .. "; it goes when the guest lets go of it, or at a reset", code
end

return unplug

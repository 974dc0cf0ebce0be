-- SPDX-License-Identifier: MIT
-- What is done when the daemon of a device dies: the device is deleted before anybody in the guest
-- touches it again, since whoever does waits for ever, and holds up the rest (true of every
-- virtiofsd and kernel so far); then it is dealt with as the mount says.
local again = require "lunik.hotplug.again"
local life = require "lunik.hotplug.life"
local take_back = require "lunik.hotplug.take_back"

local death = {}

local DELETED = 5          -- seconds for QEMU to delete it

-- The answers to a daemon's death that a recipe can choose from.
local answers = {}

function answers.report() end

function answers.stop(context, device)
  local why = ("the daemon of the mount '%s' died, and the machine is to stop then"):format(
    device.label)
  context.tell("problem", why)
  context.stop(why)
end

function answers.remount(context, device)
  local new, why = again.plug(context, device)
  if new then
    context.tell("mount", ("%s is mounted again"):format(device.label))
  else
    context.tell("problem", ("%s cannot be mounted again: %s"):format(device.label, why))
  end
end

-- A daemon ends with its QEMU, and that is no news.
local function is_news(context) return not context.over and not context.is_ending() end

local function deal_with(context, device)
  local ok, why = take_back.run(context, device, DELETED)
  if not is_news(context) then return end
  if not ok then
    context.tell("problem", ("%s: %s; programs that touch it hang until the guest restarts")
      :format(device.label, why))
    return
  end
  local share = device.share or {}
  answers[share.on_death or "report"](context, device)
end

local function begin(context, device)
  device.left_in_guest = device.share ~= nil
  life.go(context, device, "dying")
end

-- The daemon of a plugged device has died. Must not wait.
function death.of(context, device)
  context.monitor:pass("device_del", { id = device.id }, function() end)
  begin(context, device)
  if device.died then device.died() end
  context.loop:spawn("death of " .. device.id, deal_with, context, device)
end

-- QEMU has deleted a device at last whose daemon had died before: the guest, which boots, gets it
-- again. Must not wait.
function death.is_over(context, device)
  begin(context, device)
  context.loop:spawn("end of " .. device.id, function()
    if not take_back.run(context, device, take_back.PATIENCE) then return end
    context.tell("device", device.label .. " has gone")
    again.revive(context, device)
  end)
end

return death

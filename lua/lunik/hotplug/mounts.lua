-- SPDX-License-Identifier: MIT
-- The guest's part in a mount: mounted when its device has come, unmounted before it goes; and how
-- mounts are listed.
local core = require "lunik.core"
local life = require "lunik.hotplug.life"
local stat = require "posix.sys.stat"

local mounts = {}

local ANSWER = 30          -- seconds for a guest that is just booting
local ANSWERS = 3          -- … and for one that should just be there

local function dead_daemon(running)
  return nil, ("helper %s: %s"):format(running.name, running:describe())
end

-- Mounts what has been plugged: true | nil, why. A guest that cannot be asked is no failure: the
-- command to type is in device.by_hand then; one that boots mounts it when it has.
local function settle(context, device, options)
  local share = device.share
  if not share.to then return true end
  device.mounted = context.guest.add(share)
  if options.quiet then return true end
  local facts, why, how = context.guest.settle(device.mounted, options.seconds or ANSWER)
  if facts and facts.locked and not options.again then facts, why = nil, facts.locked end
  if facts then return true end
  if how == "by hand" then
    device.by_hand = why
    return true
  elseif how == "later" then
    device.later = why
    return true
  end
  return nil, ("%s: at %s in the guest: %s"):format(share.tag, share.to, why)
end

local function forget(context, device)
  if device.mounted then context.guest.remove(device.mounted) end
  device.mounted = nil
end

-- The same as long as the daemon lives: a guest that mounts what has no daemon any more waits for
-- ever, so the device goes first.
local function settle_guarded(context, device, options)
  local running, loop, over = device.running, context.loop, context.loop:latch()
  local tasks = {
    loop:spawn("settle", function() over:set(settle(context, device, options)) end),
    loop:spawn("daemon", function()
      running.ended:wait()
      context.monitor:pass("device_del", { id = device.id }, function() end)
      over:set(dead_daemon(running))
    end),
  }
  local ok, why = over:wait()
  for _, task in ipairs(tasks) do task:cancel() end
  if not ok then context.guest.give_up() end
  if ok and running.ended:is_set() then return dead_daemon(running) end
  return ok, why
end

-- Has the guest mount what has been plugged, while its daemon lives: true | nil, why. What is lent
-- for a copy is not mounted again by a guest that restarts.
function mounts.settle(context, device, options)
  if not device.running then return settle(context, device, options) end
  local ok, why = settle_guarded(context, device, options)
  if ok and device.lent then forget(context, device) end
  return ok, why
end

-- Whether nobody in the guest uses one: true | nil, why, code
function mounts.is_free(context, device)
  local ok, why, used = context.guest.is_free(device.share)
  if ok then return true end
  return nil, ("%s: %s"):format(device.share.tag, why), used == true and "busy" or used
end

-- Unmounts in the guest what is about to be unplugged: true | nil, why, code
function mounts.leave(context, device, options)
  if context.guest.answers() then
    local ok, why, used = context.guest.unmount(device.share, options.force)
    if not ok and not options.force then
      if used then why = why .. "; --force unmounts it all the same" end
      return nil, ("%s: %s"):format(device.share.tag, why), used == true and "busy" or used
    end
  end
  forget(context, device)
  return true
end

-- Whether another device stands for the same share by now.
local function comes_again(context, device)
  for _, each in ipairs(context.devices) do
    local same = each ~= device and each.share and each.share.tag == device.share.tag
    if same and not life.is_dead(each) then return true end
  end
  return false
end

local function unmount_left(context, device)
  local ok, why = context.guest.unmount(device.share, true)
  if not ok then
    context.tell("problem", ("%s: what is left in the guest: %s"):format(device.label, why))
  end
end

-- Takes away what is left of it in the guest, once the device has gone: a guest that was asked to
-- mount it may have done so late. One that is still at that is waited for by nobody.
function mounts.sweep(context, device)
  forget(context, device)
  context.guest.await(ANSWERS)
  if context.guest.answers() then return unmount_left(context, device) end
  context.loop:spawn("sweep " .. device.id, function()
    context.guest.await(ANSWER)
    if context.guest.answers() and not comes_again(context, device) then
      unmount_left(context, device)
    end
  end)
end

local function root_of(path)
  local found = path and stat.stat(path)
  return found and ("%d:%d"):format(found.st_dev, found.st_ino)
end

-- Remembers which directory a share was made from.
function mounts.remember(device)
  device.root = device.root or root_of(device.share and device.share.from)
end

local GONE = "another directory lies at its path on the host, or none: unmount, and mount it again"

-- The state of a mount that QEMU has, and why.
local function state_of(device)
  local mounted = device.mounted
  if device.root and device.root ~= root_of(device.share.from) then return "stale", GONE end
  return mounted and mounted.state or "by hand", device.why or mounted and mounted.why
end

-- A mount as it is listed.
function mounts.listed(device)
  local share, mounted = device.share, device.mounted
  local state, why = life.word(device), device.why
  if state == "plugged" then state, why = state_of(device) end
  return { tag = share.tag, type = share.type, from = share.from, to = share.to,
           readonly = share.readonly or false, owner = share.owner, state = state,
           why = why, port = device.port, id = device.id,
           hot = device.hot or false, by_hand = device.by_hand, later = device.later,
           note = mounted and mounted.note }
end

-- Every mount but those that are lent for a copy:
-- { tag, type, from, to, readonly, owner, state, why, port, id, hot }
function mounts.list(devices)
  local list = core.json.array {}
  for _, device in ipairs(devices) do
    if device.share and not device.lent then list[#list + 1] = mounts.listed(device) end
  end
  return list
end

return mounts

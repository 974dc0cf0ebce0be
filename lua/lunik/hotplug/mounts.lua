-- SPDX-License-Identifier: MIT
-- The guest's half of a mount: mounted when its device has come, unmounted before it goes, and
-- what is done when its daemon dies.
local core = require "lunik.core"

local shares = {}

local ANSWER = 30          -- seconds for a guest that is just booting
local DELETED = 5
local ANSWERS = 3          -- … and for one that should just be there

-- Mounts what has been plugged: true | nil, why. A guest that cannot be asked is no failure: the
-- command to type is in device.by_hand then; one that boots mounts it when it has.
function shares.settle(self, device, options)
  local share = device.share
  if not share.to then return true end
  device.mounted = self.vm.guest:add(share)
  if options.quiet then return true end
  local facts, why, how = self.vm.guest:settle(device.mounted, options.seconds or ANSWER)
  if facts and not share.readonly and not facts.writable then
    facts, why = nil, "the guest cannot write there: " .. (facts.why or "")
  end
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

-- The same as long as the daemon lives: a guest that mounts what has no daemon any more waits for
-- ever, so the device goes first.
function shares.settle_alive(self, device, options)
  local running, loop, over = device.running, self.vm.loop, self.vm.loop:latch()
  if not running then return shares.settle(self, device, options) end
  local tasks = {
    loop:spawn("settle", function() over:set(shares.settle(self, device, options)) end),
    loop:spawn("daemon", function()
      running.ended:wait()
      self.vm.monitor:pass("device_del", { id = device.id }, function() end)
      over:set(nil, ("helper %s: %s"):format(running.name, running:describe()))
    end),
  }
  local ok, why = over:wait()
  for _, task in ipairs(tasks) do task:cancel() end
  -- what the agent was asked may still be answered
  if not ok and self.vm.guest.agent then self.vm.guest.agent:lost() end
  return ok, why
end

-- Unmounts in the guest what is about to be unplugged: true | nil, why
function shares.leave(self, device, options)
  local guest = self.vm.guest
  if guest:reachable() and (guest.alive or guest.plan.guest.ssh) then
    local ok, why, used = guest:unmount(device.share, options.force)
    if not ok and not options.force then
      if used then why = why .. "; --force unmounts it all the same" end
      return nil, ("%s: %s"):format(device.share.tag, why)
    end
  end
  if device.mounted then guest:remove(device.mounted) end
  device.mounted = nil
  return true
end

-- What a recipe may want done when a daemon has died.
local answers = {}

function answers.report() end

function answers.stop(self, device)
  local why = ("the daemon of the mount '%s' died, and the machine is to stop then"):format(
    device.label)
  self.vm:tell("problem", why)
  self.vm:stop(why)
end

function answers.remount(self, device)
  local again, why = self:plug(device.family, device.fields)
  if again then
    device.running.replaced = true
    self.vm:tell("mount", ("%s is mounted again"):format(device.label))
  else
    self.vm:tell("problem", ("%s cannot be mounted again: %s"):format(device.label, why))
  end
end

-- What is left of it in the guest can be taken away once the device has gone: a guest that was
-- asked to mount it may have done so late.
function shares.sweep(self, device)
  local guest = self.vm.guest
  if device.mounted then guest:remove(device.mounted) end
  device.mounted = nil
  if guest.agent and not guest.alive then guest:wait(ANSWERS) end
  if not guest:reachable() or not guest.alive and not guest.plan.guest.ssh then return end
  local ok, why = guest:unmount(device.share, true)
  if not ok then
    self.vm:tell("problem", ("%s: what is left in the guest: %s"):format(device.label, why))
  end
end

-- The daemon of a share has died: its device goes at once; then it is dealt with as the mount
-- says. Must not wait.
function shares.died(self, device)
  device.busy, device.late = true, device.share ~= nil
  self.vm.monitor:pass("device_del", { id = device.id }, function() end)
  self.vm.loop:spawn("death of " .. device.id, function()
    local ok, why = self:finish(device, DELETED)
    device.busy = false
    -- a daemon ends with its QEMU, and that is no news
    if self.over or self.vm.seen.shutdown or self.vm.qemu.ended:is_set() then return end
    if not ok then
      device.lost = true
      self.vm:tell("problem", ("%s: %s; programs that touch it hang until the guest restarts")
        :format(device.label, why))
      return
    end
    local share = device.share or {}
    device.state, device.why = "dead", "its daemon died"
    self.devices[#self.devices + 1] = device
    device.port = nil
    self.vm:record()
    answers[share.on_death or "report"](self, device)
  end)
end

-- A mount as it is listed.
local function listed(device)
  local share, mounted = device.share, device.mounted
  local state = device.state
  if state == "plugged" then state = mounted and mounted.state or "by hand" end
  return { tag = share.tag, type = share.type, from = share.from, to = share.to,
           readonly = share.readonly or false, owner = share.owner, state = state,
           why = device.why or mounted and mounted.why, port = device.port, id = device.id,
           hot = device.hot or false, by_hand = device.by_hand, later = device.later }
end

-- Every mount: { tag, type, from, to, readonly, owner, state, why, port, id, hot }
function shares.list(self)
  local list = core.json.array {}
  for _, device in ipairs(self.devices) do
    if device.share then list[#list + 1] = listed(device) end
  end
  return list
end

shares.listed = listed

return shares

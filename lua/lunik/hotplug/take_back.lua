-- SPDX-License-Identifier: MIT
-- Takes devices of a running machine back: each command's inverse, last first. What is not there
-- any more is as good as taken back; a device has gone when QEMU says so, and not before.
local errno = require "posix.errno"

local remove = {}

local AGAIN = 2            -- seconds; the guest may have missed a request
local BUSY = 0.02          -- what a device has just let go of is released a moment later
local TRIES = 50

-- Whether QEMU does not know what was to be removed.
local function is_gone(why, class)
  return class == "DeviceNotFound" or type(why) == "string"
    and (why:find "not found" or why:find "[Ff]ailed to find") ~= nil
end

-- Hears of QEMU's events: who waits for a device learns of its end, or of the guest's refusal.
function remove.hear(self, event)
  local data = event.data or {}
  local waiting = self.leaving[data.device or false]
  if event.event == "DEVICE_DELETED" then
    if waiting then waiting:set(true) end
  elseif event.event == "DEVICE_UNPLUG_GUEST_ERROR" or event.event == "MEM_UNPLUG_ERROR" then
    if waiting then waiting:set(nil, data.msg or "the guest refuses") end
  elseif event.event == "ACPI_DEVICE_OST" then
    local info = data.info or {}
    waiting = self.leaving[info.device or false]
    -- acpi: _OST source 3 is an ejection request, status 0 success, 0x84 one that goes on
    if waiting and info.source == 3 and info.status ~= 0 and info.status ~= 132 then
      waiting:set(nil, ("the guest refuses (ACPI status %d)"):format(info.status))
    end
  end
end

local function expect(self, id)
  local latch = self.leaving[id]
  if not latch or latch:is_set() then
    latch = self.vm.loop:latch()
    self.leaving[id] = latch
  end
  return latch
end

-- Asks the guest to let go of a device until QEMU has deleted it: true | nil, why, ETIMEDOUT
function remove.device(self, id, seconds)
  local latch, ends = expect(self, id), self.vm.loop.now() + seconds
  local asked = 0
  repeat
    local left = ends - self.vm.loop.now()
    local ok, why, class = self.vm.monitor:exec("device_del", { id = id }, math.max(left, 1))
    if not ok and is_gone(why, class) then break end
    -- while a request is pending, QEMU calls a second one an error
    local pending = asked > 0 or tostring(why):find "in the process of unplug"
    if not ok and not pending then return nil, why, class end
    asked = asked + 1
    local gone, refused, code = latch:wait(math.max(0, math.min(AGAIN, ends - self.vm.loop.now())))
    if gone then break end
    if code ~= errno.ETIMEDOUT then
      self.leaving[id] = nil
      return nil, refused
    end
    if self.vm.loop.now() >= ends then
      return nil, ("the guest does not let go of it within %g seconds%s"):format(seconds,
        why and ": " .. why or ""), errno.ETIMEDOUT
    end
  until false
  self.leaving[id] = nil
  return true
end

-- Runs a removing command: true | nil, why
local function take_back(self, command)
  for try = 1, TRIES do
    local ok, why, class = self.vm.monitor:exec(command.execute, command.arguments)
    if ok or is_gone(why, class) then return true end
    local busy = tostring(why):find "busy" or tostring(why):find "in use"
    if not busy or try == TRIES then return nil, ("%s: %s"):format(command.execute, why) end
    self.vm.loop:sleep(BUSY)
  end
end

-- Cuts off what QEMU lets be cut off behind a device that stays: a network card loses its carrier.
function remove.cut(self, list)
  for i = #list, 1, -1 do
    local cut = list[i].execute == "netdev_del"
      and self.vm.monitor:exec(list[i].execute, list[i].arguments)
    if cut then table.remove(list, i) end
  end
end

-- Takes back the commands of a device, last first: true | nil, why, and an errno; what is left
-- to do stays in the list.
function remove.commands(self, list, seconds)
  while #list > 0 do
    local command = list[#list]
    local ok, why, code
    if command.execute == "device_del" then
      ok, why, code = remove.device(self, command.arguments.id, seconds)
    else
      ok, why = take_back(self, command)
    end
    if not ok then return nil, why, code end
    list[#list] = nil
  end
  return true
end

return remove

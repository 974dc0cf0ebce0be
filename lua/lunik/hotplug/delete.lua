-- SPDX-License-Identifier: MIT
-- Takes back the commands that have plugged a device: each command's inverse, last first. What is
-- not there any more is as good as taken back; a device has gone when QEMU says so, and not before.
local errno = require "posix.errno"
local qemu_error = require "lunik.hotplug.qemu_error"

local delete = {}

local AGAIN = 2            -- seconds; the guest may have missed a request
local BUSY = 0.02          -- what a device has just let go of is released a moment later
local TRIES = 50

-- acpi: _OST source 3 is an ejection request, status 0 success, 0x84 one that goes on
local EJECTION, SUCCESS, GOES_ON = 3, 0, 0x84

-- Reads what an event says of a device that is to go: its id, and why the guest refuses, or nil
-- where it has gone | nil, of an event about something else
function delete.news(event)
  local data = event.data or {}
  if event.event == "DEVICE_DELETED" then return data.device end
  if event.event == "DEVICE_UNPLUG_GUEST_ERROR" or event.event == "MEM_UNPLUG_ERROR" then
    return data.device, data.msg or "the guest refuses"
  end
  local info = event.event == "ACPI_DEVICE_OST" and data.info or {}
  if info.source == EJECTION and info.status ~= SUCCESS and info.status ~= GOES_ON then
    return info.device, ("the guest refuses (ACPI status %d)"):format(info.status)
  end
end

-- Tells whoever waits for a device of its end, or of the guest's refusal.
function delete.hear(context, event)
  local id, refused = delete.news(event)
  local waiting = context.leaving[id or false]
  if waiting then waiting:set(not refused or nil, refused) end
end

local function expect(context, id)
  local latch = context.leaving[id]
  if not latch or latch:is_set() then
    latch = context.loop:latch()
    context.leaving[id] = latch
  end
  return latch
end

local function not_in_time(seconds, why)
  return nil, ("the guest does not let go of it within %g seconds%s"):format(seconds,
    why and ": " .. why or ""), errno.ETIMEDOUT
end

-- Asks once: true when it has gone, false when the guest was asked, and why it is not done
-- | nil, why, code
local function ask(context, id, seconds, before)
  local ok, why, class = context.monitor:exec("device_del", { id = id }, math.max(seconds, 1))
  if ok then return false end
  if qemu_error.is_gone(why, class) then return true end
  if class == errno.EPIPE then return nil, why, class end
  -- while a request is pending, QEMU calls a second one an error
  if before or qemu_error.is_pending(why) then return false, why end
  return nil, why, class
end

local function until_deleted(context, id, seconds)
  local now = context.loop.now
  local latch, ends, before = expect(context, id), now() + seconds, false
  while true do
    local gone, why, code = ask(context, id, ends - now(), before)
    if gone ~= false then return gone, why, code end
    before = true
    local refused
    gone, refused, code = latch:wait(math.max(0, math.min(AGAIN, ends - now())))
    if gone then return true end
    if code ~= errno.ETIMEDOUT then return nil, refused, "refused" end
    if now() >= ends then return not_in_time(seconds, why) end
  end
end

-- Asks the guest to let go of a device until QEMU has deleted it: true | nil, why, code
function delete.device(context, id, seconds)
  local ok, why, code = until_deleted(context, id, seconds)
  -- the answer to what was asked too long ago can still come
  if code ~= errno.ETIMEDOUT then context.leaving[id] = nil end
  return ok, why, code
end

local function run(context, command)
  for try = 1, TRIES do
    local ok, why, class = context.monitor:exec(command.execute, command.arguments)
    if ok or qemu_error.is_gone(why, class) then return true end
    if not qemu_error.is_busy(why) or try == TRIES then
      return nil, ("%s: %s"):format(command.execute, why)
    end
    context.loop:sleep(BUSY)
  end
end

-- Cuts off what QEMU lets be cut off behind a device that stays: a network card loses its carrier.
function delete.cut(context, list)
  for i = #list, 1, -1 do
    local cut = list[i].execute == "netdev_del"
      and context.monitor:exec(list[i].execute, list[i].arguments)
    if cut then table.remove(list, i) end
  end
end

-- Whether a device of QEMU's is what is to be taken back next: all of it is there still.
function delete.is_whole(list)
  local last = list[#list]
  return last ~= nil and last.execute == "device_del"
end

-- Takes back the commands of a device, last first: true | nil, why, code; what is left to do stays
-- in the list.
function delete.commands(context, list, seconds)
  while #list > 0 do
    local command = list[#list]
    local ok, why, code
    if command.execute == "device_del" then
      ok, why, code = delete.device(context, command.arguments.id, seconds)
    else
      ok, why = run(context, command)
    end
    if not ok then return nil, why, code end
    list[#list] = nil
  end
  return true
end

return delete

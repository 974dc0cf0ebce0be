-- SPDX-License-Identifier: MIT
-- What is done about devices behind the back of whoever asks for them: those that are no more than
-- half there, since a supervisor died over them or since somebody else has unplugged them, and
-- those that go late.
local unistd = require "posix.unistd"
local again = require "lunik.hotplug.again"
local death = require "lunik.hotplug.death"
local delete = require "lunik.hotplug.delete"
local life = require "lunik.hotplug.life"
local take_back = require "lunik.hotplug.take_back"

local recover = {}

local LATER, TIMES = 5, 5      -- seconds until a guest is asked once more, and how many times

-- Does the rest of a device's end beside everything else.
local function finish(context, device, fn)
  local task
  task = context.loop:spawn("end of " .. device.id, function()
    fn()
    context.ends[task] = nil
  end)
  context.ends[task] = true
end

-- Waits until none of these is at work any more.
function recover.rest(context)
  for task in function() return (next(context.ends)) end do
    task:join()
    context.ends[task] = nil
  end
end

-- Takes back, beside everything else, a device that is no more than half there.
local function bury(context, device, because)
  device.left_in_guest = device.share ~= nil
  life.go(context, device, "unplugging")
  finish(context, device, function()
    local ok, why = take_back.run(context, device, take_back.PATIENCE)
    if device.helper and device.helper.listen then unistd.unlink(device.helper.listen.path) end
    context.tell(ok and "device" or "problem",
      ("%s: %s, and %s"):format(device.label, because, ok and "is taken back" or why))
  end)
end

-- The devices that QEMU has, by id.
local function there(context)
  local ids = {}
  local list = context.monitor:exec("qom-list", { path = "/machine/peripheral" })
  for _, each in ipairs(list or {}) do ids[each.name] = true end
  return ids
end

-- Takes back what was just being plugged or unplugged when a supervisor died, and what
-- somebody else has unplugged since.
function recover.settle(context)
  local ids = there(context)
  for _, device in ipairs(table.move(context.devices, 1, #context.devices, 1, {})) do
    local last = delete.is_whole(device.remove) and device.remove[#device.remove]
    if device.state == "plugging" or device.state == "stuck" then
      bury(context, device, "was half done when the supervisor ended")
    elseif device.lent and device.state == "plugged" then
      bury(context, device, "was lent for a copy, which ended with the supervisor")
    elseif device.state == "plugged" and last and not ids[last.arguments.id] then
      bury(context, device, "was unplugged by somebody else")
    end
  end
end

-- There is news of a device that was left to the guest: the rest is taken back, or it is asked for
-- once more.
local function resume(context, device)
  life.go(context, device, "unplugging")
  finish(context, device, function()
    if not take_back.run(context, device, take_back.PATIENCE) then return end
    context.tell("device", device.label .. " has gone")
  end)
end

-- Asks a guest once more, a little later and a few times, that has not let go of a device: one that
-- is slow may have taken the second request for a cancellation of the first (a slot's button that
-- is pressed twice within five seconds), and nothing would be heard of it. Must not wait.
function recover.insist(context, device)
  device.insisted = (device.insisted or 0) + 1
  if device.insisted > TIMES then return end
  context.loop:spawn("insist on " .. device.id, function()
    context.loop:sleep(LATER)
    if not context.over and device.state == "stuck" then resume(context, device) end
  end)
end

-- Acts on news of a device, by its state: that it has gone, or (`refused`) stays.
local on_news = { stuck = resume, lost = death.is_over }

function on_news.plugged(context, device, refused)
  if refused then return end
  bury(context, device, "was unplugged by somebody else")
end

-- A guest that boots has let go of everything, and finds what is plugged now.
local function restarted(context)
  for _, device in ipairs(context.devices) do
    if device.state == "dead" and device.fields then again.revive(context, device) end
  end
end

-- Hears of QEMU's events. Must not wait.
function recover.hear(context, event)
  if event.event == "RESET" then return restarted(context) end
  local id, refused = delete.news(event)
  for _, device in ipairs(context.devices) do
    local act = id and device.id == id and on_news[device.state]
    if act then return act(context, device, refused) end
  end
end

return recover

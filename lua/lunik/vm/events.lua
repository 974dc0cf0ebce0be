-- SPDX-License-Identifier: MIT
-- Lunik's own answers to QEMU's events, before the recipe's hooks hear of them.
-- One row per event; none of them waits.
local points = require "lunik.hook.points"
local tidy = require "lunik.async.tidy"
local time = require "posix.time"

local events = {}

local SIZE = 512           -- bytes or so of an event
local LINGER = 2           -- seconds for a QEMU that was shut down to end by itself

local rows = {}

-- When QEMU says that something was, in microseconds.
local function moment(event)
  local at = type(event.timestamp) == "table" and event.timestamp or {}
  return (math.tointeger(at.seconds) or 0) * 1000000 + (math.tointeger(at.microseconds) or 0)
end

-- With -no-shutdown QEMU would stay; for lunik the machine has ended.
function rows.SHUTDOWN(vm, data)
  vm.seen.shutdown = vm.seen.shutdown or data.reason
  vm.loop:spawn_for(vm.problem, "shutdown", function()
    if not vm.qemu.ended:wait(LINGER) then vm.monitor:exec "quit" end
  end)
end

function rows.RESET(vm, _, event)
  vm.reset_at = moment(event)
  vm.seen.shutdown, vm.seen.panicked, vm.rebooted = nil, nil, true
  vm.guest:reset()
  require "lunik.vm.ready".begin_again(vm)
end

-- virtio-mem: the guest has taken, or given back, what was offered to it.
function rows.MEMORY_DEVICE_SIZE_CHANGE(vm)
  vm.loop:spawn("sizes", require "lunik.vm.sizes".measure, vm)
end

function rows.DEVICE_TRAY_MOVED(vm) require "lunik.vm.cdrom".hear(vm) end

function rows.MIGRATION(vm, data) require "lunik.vm.migration".hear(vm, data) end

function rows.JOB_STATUS_CHANGE(vm, data) require "lunik.vm.jobs".hear(vm, data) end

function rows.STOP(vm)
  vm.paused = true
  vm.guest:stopped()
end

function rows.RESUME(vm)
  vm.paused, vm.paused_by = false, nil
  vm.guest.poller:rest(false)
  if vm.is_stale then require "lunik.vm.ready".go_on(vm) else vm.guest:resumed() end
end

-- A disk that cannot be written any more pauses the machine (werror=enospc, QEMU's default).
function rows.BLOCK_IO_ERROR(vm, data)
  if data.action ~= "stop" then return end
  local disk = data.device ~= "" and data.device or data["node-name"] or "?"
  vm.paused_by = ("disk '%s': %s, then lunik resume %s"):format(disk,
    data.nospace and "no space left on the host; free some" or
    tostring(data.reason or "it cannot be written") .. "; mend that", vm.name)
  vm:tell("problem", "paused: " .. vm.paused_by)
end

-- A panic that pauses the machine leaves nobody who could end it.
function rows.GUEST_PANICKED(vm, data)
  vm.seen.panicked = true
  vm.dispatch:post("panic", vm.handle, { name = "the guest panicked", line = "", lines = {} })
  if data.action == "pause" then vm:stop "the guest panicked" end
end

-- QEMU holds these back, to one a second: a port that closed with a reset is told of after that.
function rows.VSERPORT_CHANGE(vm, data, event)
  local agent = vm.plan.guest.agent
  if not agent or (agent.device or "agent") ~= data.id then return end
  if not data.open and moment(event) <= (vm.reset_at or -1) then
    vm.guest:restarted(false)
  else
    vm.guest:port(data.open)
  end
end

-- An event of lunik's own, with the time of day.
function events.own(name, data)
  local now = time.clock_gettime(time.CLOCK_REALTIME)
  return { event = name, data = data,
           timestamp = { seconds = now.tv_sec, microseconds = now.tv_nsec // 1000 } }
end

-- Tells such an event to whoever listens; hooks do not hear of it.
function events.announce(vm, name, data)
  vm:hear(events.own(name, data))
end

-- Hears every event of the machine from now on, and those that have come already.
function events.attach(vm)
  local lost = 0
  vm.monitor:on_event(function(event)
    local dropped = vm.monitor:dropped()
    if dropped > lost then
      vm:tell("problem", ("%d events of QEMU came too fast, and are lost"):format(dropped - lost))
      lost = dropped
    end
    tidy.note(vm.loop, SIZE)
    if vm.streams:hear(event) then return end
    local row = rows[event.event]
    if row then row(vm, type(event.data) == "table" and event.data or {}, event) end
    vm:hear(event)
    vm.dispatch:post(event.event, vm.handle, points.event(event))
  end, function(why) vm:tell("problem", "bug: event: " .. why) end)
end

return events

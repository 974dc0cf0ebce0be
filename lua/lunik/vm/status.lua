-- SPDX-License-Identifier: MIT
-- A running machine as data: what `lunik status` and `lunik ls` show.
local core = require "lunik.core"
local portable = require "lunik.store.portable"
local printable = require "lunik.text.printable"
local version = require "lunik.version"

local status = {}

local array = core.json.array

-- How a machine ended, as data.
function status.how(how)
  local lines = {}
  for i, line in ipairs(how.lines or {}) do lines[i] = printable(line) end
  return { kind = how.kind, text = printable(how.text), code = how.code, earlier = how.earlier,
           status = how.status, saved = how.saved and portable.text(how.saved),
           signal = how.signal, lines = array(lines) }
end

-- Bytes of a process that are in memory, proc(5) | nil
function status.resident(pid)
  local file = io.open(("/proc/%d/status"):format(pid))
  if not file then return nil end
  local _ <close> = file
  local kilobytes = (file:read "a" or ""):match "VmRSS:%s+(%d+)"
  return kilobytes and math.tointeger(kilobytes) << 10
end

local function state(vm)
  if vm.ladder.asked > 0 then return "stopping" end
  return (vm.paused or vm:pausing()) and "paused" or "running"
end

local function helpers(vm)
  local list = array {}
  for i, helper in ipairs(vm.helpers) do
    list[i] = { name = helper.name, kind = helper.kind, pid = helper:pid(),
                alive = not helper.ended:is_set() }
  end
  return list
end

local SHOWN = { "tag", "from", "to", "why" }

local function mounts(vm)
  local list = array(vm:mounts())
  for _, mount in ipairs(list) do
    for _, key in ipairs(SHOWN) do mount[key] = mount[key] and printable(mount[key]) end
  end
  return list
end

-- All that the machine has, but mounts.
local function devices(vm)
  local list, all = array {}, vm.hotplug:list()
  local fixed = vm.hotplug:fixed()
  for _, device in ipairs(table.move(fixed, 1, #fixed, #all + 1, all)) do
    if device.family ~= "mount" then list[#list + 1] = device end
    for key, text in pairs(device) do device[key] = printable(text) end
  end
  return list
end

local function forwards(vm)
  local list = array {}
  for i, forward in ipairs(vm.bound) do
    list[i] = { name = forward.name, protocol = forward.protocol, address = forward.address,
                port = forward.port, guest = forward.guest }
  end
  return list
end

-- By which road the guest answers, and why not by its agent | nil, where it cannot be asked
local function guest(vm)
  local there = vm.guest
  if not there:reachable() then return nil end
  return { answers = there.alive or false, by = there.by, note = there.note }
end

-- The machine now, as `lunik status --json` prints it.
function status.of(vm)
  local pid, about = vm.qemu:pid(), vm.about
  return {
    lunik = 1, version = version, name = vm.name, id = vm.id, state = state(vm),
    ready = vm:is_now_ready(), problem = vm.seen.late, unready = vm.seen.unready,
    paused_by = vm:pausing(),
    stopped = vm:stopped() and true or nil, rebooting = vm:is_rebooting() or nil,
    silent = vm.guest:why_silent(),
    began = about.began, uptime = os.time() - about.began,
    recipe = about.recipe and printable(about.recipe),
    changed = require "lunik.vm.apply.files".changed(vm),
    applied = require "lunik.vm.apply.journal".shown(vm),
    logs = printable(about.logs),
    supervisor = { pid = about.supervisor, adopted = vm.adopted or false },
    foreground = vm.context.tied or nil, qemu = { pid = pid },
    cpus = vm.sizes.cpus,
    memory = { configured = vm.sizes.memory, resident = pid and status.resident(pid) },
    forwards = forwards(vm), mounts = mounts(vm), devices = devices(vm), helpers = helpers(vm),
    facts = vm.facts, guest = guest(vm),
  }
end

return status

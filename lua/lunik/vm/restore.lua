-- SPDX-License-Identifier: MIT
-- A machine that goes on from where it was saved. Before it runs: devices that had come, its memory
-- and its state. Once its guest answers: the time, and the mounts.
local fcntl = require "posix.fcntl"
local file = require "lunik.system.file"
local folder = require "lunik.saved.folder"
local fresh = require "lunik.vm.fresh"
local migration = require "lunik.vm.migration"
local mounts = require "lunik.vm.save.mounts"
local ram = require "lunik.process.ram"
local stat = require "posix.sys.stat"
local steps = require "lunik.vm.steps"
local sums = require "lunik.saved.sums"
local unistd = require "posix.unistd"

local restore = {}

-- The devices that had come while it ran, each where it was.
local function devices(vm, saved)
  for _, one in ipairs(saved.devices) do
    local fields = { id = one.id, port = one.port }
    for key, value in pairs(one.asked.fields) do fields[key] = value end
    local device, why = vm.hotplug:come_back(one.family, fields,
      { dir = one.asked.dir, text = one.asked.text, incoming = true, places = saved.places })
    if not device then return nil, ("%s: %s"):format(one.label, why) end
  end
  return true
end

-- Copies one memory into QEMU's: from that of a holder, which was held against its sum, or from the
-- file: true | nil, why
local function copy(vm, opened, name, to, held)
  local function pass() vm.loop:pass() end
  if not held then return opened:copy(name, to, pass, vm.loop) end
  local ok, why = sums.copy_known(held:fd(), to, pass)
  held:close()
  return ok, why
end

-- Copies what was kept into the memory that QEMU has, and holds it against its sums.
local function memory(vm, opened, saved)
  if saved.fork and saved.fork.private then return true end     -- it stands in it
  local held = saved.fork and saved.fork.held and vm.context.memory or {}
  local there = ram.of(vm.qemu:pid())
  for id, name in pairs(saved.memory) do
    if not there[id] then return nil, ("the machine has no memory '%s'"):format(id) end
    local to, why = file.open(there[id], fcntl.O_RDWR)
    if not to then return nil, why end
    local size, ok = stat.fstat(to).st_size, nil
    if size == opened.machine.files[name].size then
      ok, why = copy(vm, opened, name, to, held[id])
    else
      why = ("%s: %s: has %d bytes, and the memory '%s' of the machine %d"):format(opened.path,
        name, opened.machine.files[name].size, id, size)
    end
    unistd.close(to)
    if not ok then return nil, why end
  end
  return true
end

local function state(vm, opened, saved)
  local ok, why = opened:check("state", function() vm.loop:pass() end)
  if not ok then return nil, why end
  local fd
  fd, why = opened:file "state"
  if not fd then return nil, why end
  ok, why = migration.load(vm, fd, { kept = next(saved.memory) ~= nil, mapped = saved.mapped })
  unistd.close(fd)
  return ok, why
end

-- What is done before it runs, in this order: { name, function(vm, opened, saved) }. Whatever fails
-- or dies, there is no machine, and what was saved is whole.
restore.steps = {
  { "devices", function(vm, _, saved) return devices(vm, saved) end },
  { "memory", memory },
  { "state", state },
}

-- Everything before it runs: true | nil, why
function restore.load(vm, saved)
  local opened, why = folder.open(saved.dir)
  if not opened then return nil, why end
  if opened.machine.generation ~= saved.generation then
    return nil, saved.dir .. ": is another saved machine than a moment ago"
  end
  return steps.go(vm, "restore", restore.steps, opened, saved)
end

-- It is the same machine, at another time; and the numbers that it would draw may have been drawn.
local FRESH = { clock = true, randomness = true }

-- Whether the guest could be asked to the end: true | nil, why. What could not be done is told,
-- unless the machine is none then.
function restore.renew(vm, or_none)
  local fork = vm.plan.saved.fork and require "lunik.vm.forked"
  vm.renewed = fork and fork.what(vm) or FRESH
  local report, why = fresh.run(vm.guest, vm.renewed)
  vm.context.timeline:inside(report and fresh.steps(report) or {})
  if why and or_none then return nil, why end
  for _, each in ipairs(report and fresh.left(report) or { why }) do
    vm:tell("problem", "not renewed in the guest: " .. each)
  end
  return why == nil or nil, why
end

-- true | nil, why a clone is none
local function renew(vm, saved)
  if vm.paused then
    vm.is_stale = true
    return true
  end
  local or_none = saved.fork and not saved.fork.unsafe
  local ok, why = restore.renew(vm, or_none)
  if ok or not or_none then return true end
  return nil, "nothing is its own: " .. why
end

-- Those that an earlier supervisor has not put back, and a clone's own.
local function mount_again(vm, saved)
  local coming = saved.fork and require "lunik.vm.forked".coming(vm)
  for _, failure in ipairs(mounts.put_back(vm, mounts.off(vm, saved), coming)) do
    vm:tell("problem", "mount " .. failure)
  end
  if saved.fork then return require "lunik.vm.forked".mount(vm) end
  return true
end

-- What is done once the guest answers: { name, function(vm, saved) }. What cannot be is told.
restore.last_steps = { { "renew", renew }, { "mounts", mount_again } }

-- Once the guest answers: true | nil, why a clone is none.
function restore.finish(vm, saved)
  local ok, why = steps.go(vm, "restore", restore.last_steps, saved)
  if not ok and saved.fork then return nil, why end
  if not ok then vm:tell("problem", why) end
  return true
end

return restore

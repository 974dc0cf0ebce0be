-- SPDX-License-Identifier: MIT
-- Files of the host that are lent to the guest while somebody copies them there: a mount that comes
-- for it and shows the guest that one file, read-only. Whatever becomes of whoever asked, it goes
-- again; what it cannot be done for, or cannot be done in, goes by another road.
local codes = require "lunik.codes"
local defer = require "lunik.async.defer"
local events = require "lunik.vm.events"
local opened = require "lunik.async.opened"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local lend = {}

local FILE = "file"        -- what it is called there: src/share.h
local PATIENCE = 10        -- seconds for a guest that is just booting
local TRIES = 3            -- when several come at once, another may take the name

-- The path of an open file | nil, why. Another file may lie there meanwhile, which
-- src/share.c sees.
local function path_of(fd)
  local info = stat.fstat(fd)
  if not info or stat.S_ISREG(info.st_mode) == 0 then return nil, "the descriptor is no file's" end
  return unistd.readlink(("/proc/self/fd/%d"):format(fd))
end

-- Why nothing can be lent now | nil, and a code
local function unable(vm)
  local why, code = vm:hindered()
  if why then return why, code end
  why = vm:why_silent()
  if why then return why, "unreachable" end
  local guest = vm.guest
  if not guest:reachable() then return "the guest cannot be asked to mount it", "unreachable" end
  if guest.agent and not guest.alive and not guest:wait(PATIENCE) then
    return "the guest does not answer", "unreachable"
  end
  if vm.lent_in_vain == guest.generation then return "the guest cannot mount it", "unsupported" end
end

local function plug(vm, path, fd, one)
  local row = require "lunik.device".row("mount", "virtiofs")
  local lent = {
    item = function(tag) return row.lent(path, fd, tag, "/run/" .. tag) end,
    died = function()
      one.broken:set(true)
      events.announce(vm, "LUNIK_COPY_BROKEN", { id = one.id })
    end }
  local device, why, code
  for _ = 1, TRIES do
    device, why, code = vm.hotplug:lend(lent, { seconds = PATIENCE,
                                                hindered = function() return vm:hindered() end })
    if device or codes.word(code) ~= "taken" then break end
  end
  return device, why, code, lent.refused
end

-- Lends an open file, the caller's no more: { id, at, broken } | nil, why, code
local function begin(vm, fd, owner)
  local _ <close> = defer(function() unistd.close(fd) end)
  local path, why = path_of(fd)
  if not path then return nil, why, "invalid" end
  local code
  why, code = unable(vm)
  if why then return nil, why, code end
  local one = { owner = owner, broken = vm.loop:latch() }
  local generation = vm.guest.generation
  local device, refused
  device, why, code, refused = plug(vm, path, fd, one)
  -- its kernel will have no driver the next time, either
  if refused then vm.lent_in_vain = generation end
  if not device then return nil, why, code end
  one.id, one.at, one.log = device.id, device.share.to .. "/" .. FILE, device.helper.log
  vm.lent[one.id] = one
  return one
end

-- Takes it from the guest, which may not let go of it: then by force, and it is told what is left.
local function take_back(vm, one)
  local ok, why, code = vm.hotplug:unplug(one.id)
  if not ok and code ~= "missing" and code ~= "timeout" then
    ok, why, code = vm.hotplug:unplug(one.id, { force = true })
  end
  if ok then unistd.unlink(one.log) end
  if ok or code == "missing" or vm.qemu.ended:is_set() then return end
  vm:tell("problem", ("%s: %s"):format(one.id, why))
end

-- Lends an open file for as long as somebody wants it: { id, at (where the guest has it), broken (a
-- latch: its daemon has died) } | nil, why, code. The descriptor is the caller's no more.
function lend.open(vm, fd, owner)
  return opened(function(...) return vm.loop:spawn_for(vm.problem, ...) end, "lend a file",
    function() return begin(vm, fd, owner) end, function(one) lend.leave(vm, one.id) end)
end

local function take(vm, id)
  local one = vm.lent[id]
  vm.lent[id] = nil
  return one
end

-- It has been copied: true once the guest has it no more, or does not let go of it | nil, why, code
function lend.close(vm, id)
  local one = take(vm, id)
  if not one then return nil, "nothing of that id is lent", "missing" end
  if not one.broken:is_set() then take_back(vm, one) end
  return true
end

-- The same for one that nobody waits for.
function lend.leave(vm, id)
  local one = take(vm, id)
  if not one or one.broken:is_set() then return true end
  vm.loop:spawn_for(vm.problem, "take back " .. id, take_back, vm, one)
  return true
end

-- Takes back all that somebody had.
function lend.abandon(vm, owner)
  for id, one in pairs(vm.lent) do
    if one.owner == owner then lend.leave(vm, id) end
  end
end

-- What a copy in this process is to have of it (lunik.vm.copy.lent).
function lend.door(vm)
  return function(fd)
    local one, why, code = lend.open(vm, unistd.dup(fd), {})
    if not one then return nil, why, code end
    return { at = one.at, broken = one.broken,
             close = function() return lend.close(vm, one.id) end,
             leave = function() return lend.leave(vm, one.id) end }
  end
end

return lend

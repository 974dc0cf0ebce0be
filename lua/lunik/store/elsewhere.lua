-- SPDX-License-Identifier: MIT
-- Tells whether a machine runs where this session would not look: in another runtime directory, in
-- one that has vanished, on another host that shares the state directory. The lock in there tells,
-- and the pointer beside it says where. A file system without locks leaves the pointer alone.
local errno = require "posix.errno"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local core = require "lunik.core"
local pointer = require "lunik.store.pointer"

local elsewhere = {}

local PATIENCE = 0.3       -- seconds for somebody who only looks whether the lock is held

local WITHOUT = { [errno.ENOLCK] = true, [errno.EOPNOTSUPP] = true, [errno.ENOSYS] = true }

-- Whether a lock is held by anybody; nil where there are no locks.
local function held(path)
  if not stat.stat(path) then return false end
  local lock, _, code = core.lock.take(path)
  if lock then lock:close() end
  if not lock and WITHOUT[code] then return nil end
  return not lock and code == errno.EWOULDBLOCK
end

-- Whether the machine of a state directory is owned by anybody; nil where that cannot be told.
function elsewhere.is_owned(state) return held(pointer.lock(state)) end

-- Why a machine cannot be started that runs. The caller has the locks of the plan's own runtime
-- directory: the machine's were in one that has vanished.
local function refusal(plan, there)
  if not there then
    return ("machine '%s' is already running (%s is held)"):format(plan.name,
      pointer.lock(plan.state))
  end
  if there.abroad then return ("machine '%s' runs on %s"):format(plan.name, there.hostname) end
  if there.runtime ~= plan.runtime and stat.stat(there.runtime .. "/supervisor.lock") then
    return ("machine '%s' is already running, in %s"):format(plan.name, there.runtime)
  end
  return ("machine '%s' is already running, but its directory %s is gone: lunik down --force %s "
    .. "ends it"):format(plan.name, there.runtime, plan.name)
end

-- Without locks in the state directory, what is written there is believed of another host, and
-- the locks of the other runtime directory of this one: false, a note | nil, why
local function without(plan, why)
  local there = pointer.read(plan.state)
  if there and there.abroad then
    return nil, refusal(plan, there) .. ", as far as can be told without locks; if not: "
                .. "lunik down --force " .. plan.name
  end
  if there and not there.past and there.runtime ~= plan.runtime then
    for _, name in ipairs { "/supervisor.lock", "/machine.lock" } do
      if held(there.runtime .. name) then return nil, refusal(plan, there) end
    end
  end
  return false, why .. ": other hosts that share it cannot be kept from starting the machine"
end

-- Takes the lock in the state directory: the lock | false, a note, where there are no locks
-- | nil, why, and true where the directory has just gone
function elsewhere.take(plan)
  local lock, why, code = core.lock.take(pointer.lock(plan.state), { wait = PATIENCE })
  if lock then return lock end
  if code == errno.EWOULDBLOCK then return nil, refusal(plan, pointer.read(plan.state)) end
  if WITHOUT[code] then return without(plan, why) end
  return nil, why, code == errno.ENOENT
end

-- What is known of a dead machine in another runtime directory of this host, and boot | nil. The
-- caller owns the machine.
function elsewhere.dead(plan)
  local there = plan.state and pointer.read(plan.state)
  if there and not there.abroad and not there.past and there.runtime ~= plan.runtime then
    return there
  end
end

local function is_of(there, plan)
  return there and not there.abroad and there.runtime == plan.runtime
end

local function remove(state)
  unistd.unlink(pointer.path(state))
  unistd.unlink(pointer.lock(state))
end

-- Removes pointer and lock of a machine that has ended, where nobody has the lock: whether so.
function elsewhere.bury(state)
  local lock, _, code = core.lock.take(pointer.lock(state))
  if not lock and not WITHOUT[code] then return false end
  remove(state)
  if lock then lock:close() end
  return true
end

-- The same for the owner that gives it up. QEMU had the `lock` of one that took the machine over:
-- then the pointer has to be the machine's.
function elsewhere.forget(plan, lock)
  if lock then return remove(plan.state) end
  if is_of(pointer.read(plan.state), plan) then elsewhere.bury(plan.state) end
end

return elsewhere

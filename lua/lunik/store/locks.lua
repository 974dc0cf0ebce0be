-- SPDX-License-Identifier: MIT
-- Tells who owns a machine, by locks and never by the text of a file: supervisor.lock, and
-- machine.lock, whose descriptor QEMU and its helpers inherit. When both are free, whatever lies in
-- the runtime directory is stale. A third lies in the state directory, which all sessions share
-- (lunik.store.elsewhere): QEMU inherits it too, so there is one machine whatever XDG_RUNTIME_DIR.
local errno = require "posix.errno"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local clean = require "lunik.store.clean"
local core = require "lunik.core"
local directory = require "lunik.store.directory"
local elsewhere = require "lunik.store.elsewhere"
local file = require "lunik.system.file"
local pointer = require "lunik.store.pointer"
local printable = require "lunik.text.printable"
local records = require "lunik.store.records"

local locks = {}

-- The process that took the lock on `path`, as the kernel lists it | nil
local function holder(path)
  local info, held = stat.stat(path), io.open("/proc/locks")
  if not info or not held then return nil end
  local _ <close> = held
  for line in held:lines() do
    local pid, inode = line:match "FLOCK%s+%S+%s+%S+%s+(%d+)%s+%x+:%x+:(%d+)"
    if inode and math.tointeger(inode) == info.st_ino then return pid end
  end
end

-- Why a lock is held. The kernel knows who owns the supervisor's; whoever took the machine's may be
-- gone, so the record names QEMU.
local function already_running(plan, path)
  local record = records.read(plan.runtime)
  if path:find "machine%.lock$" then
    if not record or record.problem then
      return ("machine '%s' runs without a supervisor, and what was written down about it cannot "
        .. "be read: lunik down --force %s ends it"):format(plan.name, plan.name)
    end
    local pid = record and record.qemu and record.qemu.pid
    return ("machine '%s' runs without a supervisor%s: lunik adopt %s takes it over")
           :format(plan.name, pid and (" (pid %d)"):format(pid) or "", plan.name)
  end
  local pid = holder(path) or record and record.supervisor and record.supervisor.pid
  local who = pid and ("pid %s holds %s"):format(pid, path) or path .. " is held"
  local recipe = record and record.recipe and ", from " .. printable(record.recipe) or ""
  return ("machine '%s' is already running%s (%s)"):format(plan.name, recipe, who)
end

-- Whether a lock is on the file that the path names now: its last owner may have removed the one
-- that was opened.
local function still_there(lock, path)
  local held, now = stat.stat("/proc/self/fd/" .. lock:fd()), stat.stat(path)
  return held and now and held.st_ino == now.st_ino and held.st_dev == now.st_dev
end

local function take(plan, path, seconds)
  local lock, why, code = core.lock.take(path, { wait = seconds })
  if not lock and code == errno.EWOULDBLOCK then
    return nil, already_running(plan, path), false, path
  end
  if not lock then return nil, why, code == errno.ENOENT end
  if still_there(lock, path) then return lock end
  lock:close()
  return nil, path .. ": removed while it was being taken", true
end

-- Takes the lock in the state directory too: true | nil, why, and whether to try again
local function state_too(plan, claim)
  if not plan.state then return true end
  local made, why = directory.make(plan.state)
  if not made then return nil, why end
  claim.made_state = made
  local lock, again
  lock, why, again = elsewhere.take(plan)
  if lock == nil then
    directory.remove(made)
    return nil, why, again
  end
  claim.state, claim.note = lock or nil, not lock and why or nil
  return true
end

local function both(plan, seconds)
  local made, why = directory.make(plan.runtime)
  if not made then return nil, why end
  local supervisor, machine, again, held
  supervisor, why, again = take(plan, plan.runtime .. "/supervisor.lock", seconds)
  if supervisor then
    machine, why, again, held = take(plan, plan.runtime .. "/machine.lock", seconds)
    local claim, ok = { supervisor = supervisor, machine = machine, made = made }, machine
    if machine then ok, why, again = state_too(plan, claim) end
    if ok then return claim end
    if machine then
      clean.locks(plan.runtime)
    elseif #made > 0 then
      unistd.unlink(plan.runtime .. "/supervisor.lock")
    end
    locks.disown(claim)
  end
  directory.remove(made)
  return nil, why, again, held
end

-- What a dead machine left in another runtime directory: its processes end, the directory goes.
local function stale_elsewhere(plan, stale)
  local dead = elsewhere.dead(plan)
  if not dead then return true end
  local ok, why = true, nil
  if stale then ok, why = stale(dead) end
  if not ok or not directory.trusted(dead.runtime) then return ok, why end
  local there = both { name = plan.name, runtime = dead.runtime }
  if there then locks.yield({ name = plan.name, runtime = dead.runtime }, there) end
  return true
end

-- Makes the machine ours: its runtime directory and all locks, with what a dead machine left
-- behind removed; `stale(record)` comes first and ends its processes. Returns
--   supervisor machine state      the locks; without a note why there is none, also the state's
--   made made_state               the directories made
--   left                          names that stay, since lunik has not written them
-- | nil, why, and the record of a machine that lives on without a supervisor. Locks that are held
-- are waited for, for so many `seconds` or not at all.
function locks.claim(plan, stale, seconds)
  local claim, why, again, orphaned
  for _ = 1, 10 do                    -- a machine that is just ending removes the directory
    claim, why, again, orphaned = both(plan, seconds)
    if claim or not again then break end
  end
  if not claim then return nil, why, orphaned and records.read(plan.runtime) end
  local ok, record = true, records.read(plan.runtime)
  if record and stale then ok, why = stale(record) end
  if ok then ok, why = stale_elsewhere(plan, stale) end
  if ok then ok, why = clean.directory(plan.runtime, plan.state) end
  if ok then
    claim.left = ok
    return claim
  end
  locks.disown(claim)
  return nil, why
end

-- Makes a machine ours that lives on without a supervisor: { supervisor } | nil, why. QEMU has the
-- other locks; that in the state directory is open here, too, since a supervisor is known by it
-- where the runtime directory vanishes. A supervisor's lock that is held is waited for, for so many
-- `seconds` or not at all.
function locks.reclaim(plan, seconds)
  local supervisor, why = take(plan, plan.runtime .. "/supervisor.lock", seconds)
  if not supervisor then return nil, why end
  return { supervisor = supervisor, made = {},
           open = plan.state and file.reader(pointer.lock(plan.state)) or nil }
end

function locks.disown(claim)
  if claim.open then claim.open:close() end
  if claim.state then claim.state:close() end
  if claim.machine then claim.machine:close() end
  claim.supervisor:close()
end

-- Gives the machine up: the runtime directory goes, last of all the locks in it: true, nil, and the
-- names of what stays there, since lunik has not written it | nil, why
function locks.yield(plan, claim)
  local left, why = clean.directory(plan.runtime, plan.state)
  if plan.state then elsewhere.forget(plan, claim.state) end
  clean.locks(plan.runtime)
  -- somebody who starts the machine again may already be in there: it is theirs then
  unistd.rmdir(plan.runtime)
  locks.disown(claim)
  if not left then return nil, why end
  return true, nil, left
end

return locks

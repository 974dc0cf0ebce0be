-- SPDX-License-Identifier: MIT
-- Tells who owns a machine, by two locks and never by the text of a file: supervisor.lock, and
-- machine.lock, whose descriptor QEMU and its helpers inherit. When both are free, whatever lies in
-- the runtime directory is stale.
local dirent = require "posix.dirent"
local errno = require "posix.errno"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local core = require "lunik.core"
local directory = require "lunik.store.directory"
local portable = require "lunik.store.portable"
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
    local pid = record and record.qemu and record.qemu.pid
    return ("machine '%s' runs without a supervisor%s: lunik adopt %s takes it over")
           :format(plan.name, pid and (" (pid %d)"):format(pid) or "", plan.name)
  end
  local pid = holder(path) or record and record.supervisor.pid
  local who = pid and ("pid %s holds %s"):format(pid, path) or path .. " is held"
  return ("machine '%s' is already running (%s)"):format(plan.name, who)
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

local function both(plan, seconds)
  local made, why = directory.make(plan.runtime)
  if not made then return nil, why end
  local supervisor, machine, again, held
  supervisor, why, again = take(plan, plan.runtime .. "/supervisor.lock", seconds)
  if supervisor then
    machine, why, again, held = take(plan, plan.runtime .. "/machine.lock", seconds)
    if machine then return { supervisor = supervisor, machine = machine, made = made } end
    if #made > 0 then unistd.unlink(plan.runtime .. "/supervisor.lock") end
    supervisor:close()
  end
  directory.remove(made)
  return nil, why, again, held
end

-- Makes the machine ours: its runtime directory and both locks, with what a dead
-- machine left behind removed; `stale(record)` comes first and ends its processes. Returns
-- { supervisor, machine, made } | nil, why, and the record of a machine that lives on without
-- a supervisor. Locks that are held are waited for, for so many `seconds` or not at all.
function locks.claim(plan, stale, seconds)
  local claim, why, again, orphaned
  for _ = 1, 10 do                    -- a machine that is just ending removes the directory
    claim, why, again, orphaned = both(plan, seconds)
    if claim or not again then break end
  end
  if not claim then return nil, why, orphaned and records.read(plan.runtime) end
  local ok, record = true, records.read(plan.runtime)
  if record and stale then ok, why = stale(record) end
  if ok then ok, why = locks.clean(plan.runtime) end
  if ok then return claim end
  locks.disown(claim)
  return nil, why
end

-- Makes a machine ours that lives on without a supervisor: { supervisor } | nil, why
function locks.reclaim(plan)
  local supervisor, why = take(plan, plan.runtime .. "/supervisor.lock")
  if not supervisor then return nil, why end
  return { supervisor = supervisor, made = {} }
end

function locks.disown(claim)
  if claim.machine then claim.machine:close() end
  claim.supervisor:close()
end

local function remove(path)
  local info = stat.lstat(path)
  if not info then return true end
  local gone, why = (stat.S_ISDIR(info.st_mode) ~= 0 and unistd.rmdir or unistd.unlink)(path)
  if not gone then return nil, "remove " .. why end
  return true
end

local LOCKS = { ["supervisor.lock"] = true, ["machine.lock"] = true, ["."] = true, [".."] = true }

-- Removes what is in a runtime directory, and the throw-away files elsewhere that
-- its record names; the caller holds both locks. The locks stay.
function locks.clean(runtime)
  local record = records.read(runtime)
  for _, path in ipairs(record and record.temporary or {}) do
    local ok, why = remove(portable.bytes(path))
    if not ok then return nil, why end
  end
  for _, name in ipairs(dirent.dir(runtime)) do
    local ok, why = true, nil
    if not LOCKS[name] then ok, why = remove(runtime .. "/" .. name) end
    if not ok then return nil, why end
  end
  return true
end

-- Gives the machine up: the runtime directory goes, last of all the locks in it.
function locks.yield(plan, claim)
  local ok, why = locks.clean(plan.runtime)
  for _, name in ipairs { "machine.lock", "supervisor.lock" } do
    unistd.unlink(plan.runtime .. "/" .. name)
  end
  -- somebody who starts the machine again may already be in there: it is theirs then
  unistd.rmdir(plan.runtime)
  locks.disown(claim)
  return ok, why
end

return locks

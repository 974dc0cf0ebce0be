-- SPDX-License-Identifier: MIT
-- A machine's directories, and who owns the machine. Liveness is two locks, never the
-- text of a file: supervisor.lock, and machine.lock, whose descriptor QEMU and its
-- helpers inherit. Both free means that whatever lies there is stale.
local dirent = require "posix.dirent"
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local base64 = require "lunik.guest.base64"
local core = require "lunik.core"

local state = {}

local SHARED = 1 << 4 | 1 << 1        -- group or others may write
local STICKY = 1 << 9

function state.parent(path)
  return path:match "^(.+)/[^/]+$" or "/"
end

-- Why a directory cannot be trusted with what lunik keeps there | nil
local function distrust(info, strict)
  if stat.S_ISLNK(info.st_mode) ~= 0 then return "a symbolic link" end
  if stat.S_ISDIR(info.st_mode) == 0 then return "not a directory" end
  local mine = info.st_uid == unistd.geteuid()
  if not mine and (strict or info.st_uid ~= 0) then
    return ("belongs to user %d"):format(info.st_uid)
  end
  local open = strict and info.st_mode & 63 ~= 0
               or info.st_mode & SHARED ~= 0 and info.st_mode & STICKY == 0
  if open then return ("open to others (mode %04o)"):format(info.st_mode & 4095) end
end

local function trusted(path)
  local info, why = stat.lstat(path)
  if not info then return nil, why end
  why = distrust(info, true)
  if why then return nil, ("%s: %s"):format(path, why) end
  local above = state.parent(path)
  info, why = stat.stat(above)
  if not info then return nil, why end
  why = distrust(info, false)
  if why then return nil, ("%s: %s"):format(above, why) end
  return true
end

-- Makes a directory below what there is; `made` learns which were made.
local function make(path, made)
  if path == "/" or stat.stat(path) then return true end
  local ok, why, code = make(state.parent(path), made)
  if not ok then return nil, why, code end
  ok, why, code = stat.mkdir(path, 448)
  if ok then
    made[#made + 1] = path
  elseif code ~= errno.EEXIST then
    return nil, "mkdir " .. why, code
  end
  return true
end

local function remove_all(made)
  for i = #made, 1, -1 do unistd.rmdir(made[i]) end
end

-- Makes `path` and the parents it lacks, for this user alone. Returns the directories
-- made, outermost first | nil, why. What is already there must be ours.
function state.directory(path)
  local made = {}
  local ok, why, code
  for _ = 1, 10 do           -- another machine that ends may remove an empty parent
    ok, why, code = make(path, made)
    if code ~= errno.ENOENT then break end
  end
  if ok then ok, why = trusted(path) end
  if ok then return made end
  remove_all(made)
  return nil, why
end

-- The process that took the lock on `path`, as the kernel lists it | nil
local function holder(path)
  local info, locks = stat.stat(path), io.open("/proc/locks")
  if not info or not locks then return nil end
  local _ <close> = locks
  for line in locks:lines() do
    local pid, inode = line:match "FLOCK%s+%S+%s+%S+%s+(%d+)%s+%x+:%x+:(%d+)"
    if inode and math.tointeger(inode) == info.st_ino then return pid end
  end
end

-- Whoever started the supervisor's lock is its owner; the other lock's owner may be gone.
local function already_running(plan, path)
  local record = state.read(plan.runtime)
  if path:find "machine%.lock$" then
    local pid = record and record.qemu and record.qemu.pid
    return ("machine '%s' runs without a supervisor%s: lunik adopt %s takes it over")
           :format(plan.name, pid and (" (pid %d)"):format(pid) or "", plan.name)
  end
  local pid = holder(path) or record and record.supervisor.pid
  local who = pid and ("pid %s holds %s"):format(pid, path) or path .. " is held"
  return ("machine '%s' is already running (%s)"):format(plan.name, who)
end

-- The lock is worth something only on the file that the path names now: its last
-- owner may have removed the one that was opened.
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
  local made, why = state.directory(plan.runtime)
  if not made then return nil, why end
  local supervisor, machine, again, held
  supervisor, why, again = take(plan, plan.runtime .. "/supervisor.lock", seconds)
  if supervisor then
    machine, why, again, held = take(plan, plan.runtime .. "/machine.lock", seconds)
    if machine then return { supervisor = supervisor, machine = machine, made = made } end
    if #made > 0 then unistd.unlink(plan.runtime .. "/supervisor.lock") end
    supervisor:close()
  end
  remove_all(made)
  return nil, why, again, held
end

-- Makes the machine ours: its runtime directory and both locks, with what a dead
-- machine left behind removed; `stale(record)` comes first and ends its processes. Returns
-- { supervisor, machine, made } | nil, why, and the record of a machine that lives on without
-- a supervisor. Locks that are held are waited for, for so many `seconds` or not at all.
function state.claim(plan, stale, seconds)
  local claim, why, again, orphaned
  for _ = 1, 10 do                    -- a machine that is just ending removes the directory
    claim, why, again, orphaned = both(plan, seconds)
    if claim or not again then break end
  end
  if not claim then return nil, why, orphaned and state.read(plan.runtime) end
  local ok, record = true, state.read(plan.runtime)
  if record and stale then ok, why = stale(record) end
  if ok then ok, why = state.clean(plan.runtime) end
  if ok then return claim end
  state.disown(claim)
  return nil, why
end

-- Makes a machine ours that lives on without a supervisor: { supervisor } | nil, why
function state.reclaim(plan)
  local supervisor, why = take(plan, plan.runtime .. "/supervisor.lock")
  if not supervisor then return nil, why end
  return { supervisor = supervisor, made = {} }
end

function state.disown(claim)
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

-- A path as JSON can carry it, and back: any bytes are fine in a name.
function state.as_json(path)
  return utf8.len(path) and path or { path_b64 = base64.encode(path) }
end

function state.from_json(value)
  return type(value) == "table" and base64.decode(value.path_b64) or value
end

-- A table whose texts may be any bytes, for JSON; and back.
function state.portable(value)
  if type(value) == "string" then return state.as_json(value) end
  if type(value) ~= "table" then return value end
  local out = value[1] ~= nil and core.json.array {} or {}
  for key, each in pairs(value) do out[key] = state.portable(each) end
  return out
end

function state.restored(value)
  if type(value) ~= "table" then return value end
  if value.path_b64 then return state.from_json(value) end
  local out = {}
  for key, each in pairs(value) do out[key] = state.restored(each) end
  return out
end

-- Removes what is in a runtime directory, and the throw-away files elsewhere that
-- its record names; the caller holds both locks. The locks stay.
function state.clean(runtime)
  local record = state.read(runtime)
  for _, path in ipairs(record and record.temporary or {}) do
    local ok, why = remove(state.from_json(path))
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
function state.yield(plan, claim)
  local ok, why = state.clean(plan.runtime)
  for _, name in ipairs { "machine.lock", "supervisor.lock" } do
    unistd.unlink(plan.runtime .. "/" .. name)
  end
  -- somebody who starts the machine again may already be in there: it is theirs then
  unistd.rmdir(plan.runtime)
  state.disown(claim)
  return ok, why
end

-- All of `text` into a new file of ours.
local function write(path, text)
  local flags = fcntl.O_WRONLY | fcntl.O_CREAT | fcntl.O_TRUNC | fcntl.O_CLOEXEC
  local fd, why = fcntl.open(path, flags, 384)
  if not fd then return nil, "open " .. why end
  while fd and #text > 0 do
    local n
    n, why = unistd.write(fd, text)
    if not n then break end
    text = text:sub(n + 1)
  end
  if fd then unistd.close(fd) end
  if #text > 0 then return nil, ("write %s: %s"):format(path, why) end
  return true
end

-- A file of ours, such that nobody ever reads half of it: true | nil, why. It is not synced:
-- after a power loss there is no machine for it to describe.
function state.write(path, text)
  local ok, why = write(path .. ".tmp", text)
  if ok then
    ok, why = os.rename(path .. ".tmp", path)
    if ok then return true end
    why = "rename " .. why
  end
  unistd.unlink(path .. ".tmp")
  return nil, why
end

-- Writes the machine's record.
function state.record(runtime, record)
  local text, why = core.json.encode(record)
  if not text then return nil, "vm.json: " .. why end
  return state.write(runtime .. "/vm.json", text .. "\n")
end

-- Whether a record is that of a machine whose start was finished, and that may live on alone.
function state.started(record)
  return not record.tied and (record.step == "running" or record.step == "stopping")
end

-- The record of the machine in `runtime` | nil, why
function state.read(runtime)
  local file, why = io.open(runtime .. "/vm.json")
  if not file then return nil, why end
  local _ <close> = file
  return core.json.decode(file:read "a")
end

return state

-- SPDX-License-Identifier: MIT
-- How a machine is, as its locks, its processes and its control socket show. What is written down
-- about it helps to find them, and is believed in nothing else.
local client = require "lunik.supervisor.client"
local elsewhere = require "lunik.store.elsewhere"
local errno = require "posix.errno"
local host = require "lunik.host"
local orphans = require "lunik.process.orphans"
local places = require "lunik.supervisor.places"
local records = require "lunik.store.records"

local look = {}

-- The number of the process that has a lock: the one that is written down, or any | nil
local function owner(lock, written)
  if not host.kind(lock) then return nil end
  if written and orphans.has_open(written, lock) then return written end
  local first = orphans.holders(lock)[1]
  return first and first.pid
end

-- The number of a machine's supervisor | nil
function look.supervisor(name, record)
  return owner(places.runtime(name) .. "/supervisor.lock",
               record and record.supervisor and record.supervisor.pid)
end

-- The same of one whose runtime directory has vanished. QEMU and helpers hold that lock too.
function look.lost_supervisor(name)
  local there, lock = places.pointer(name), places.state_lock(name)
  local pid = there and there.supervisor
  return pid and host.kind(lock) and orphans.has_open(pid, lock) and pid or nil
end

-- The ids that processes of a machine carry, however little is written down about it.
function look.ids(name, record)
  local there, ids, seen = places.pointer(name), {}, {}
  local function add(id)
    if id and not seen[id] then ids[#ids + 1], seen[id] = id, true end
  end
  add(record and record.id)
  if there and not there.abroad and not there.past then add(there.id) end
  for _, lock in ipairs { places.runtime(name) .. "/machine.lock", places.state_lock(name) } do
    for _, one in ipairs(host.kind(lock) and orphans.holders(lock) or {}) do add(one.id) end
  end
  return ids
end

local function qemu_lives(record)
  local qemu = record and record.qemu and record.id and orphans.open(record.qemu.pid, record.id)
  if not qemu then return false end
  qemu.proc:close()
  return true
end

-- A directory without its locks is none: the machine may go on all the same.
local function without_directory(name, there)
  if not there or there.past then return "down" end
  local lives = look.lost_supervisor(name) or orphans.live(there.id)
                or #orphans.holders(places.state_lock(name)) > 0
  return lives and "lost" or "gone"
end

-- What a runtime directory shows without a supervisor that can be spoken to.
local function unattended(name, record, there)
  local dir = places.runtime(name)
  if not host.kind(dir .. "/supervisor.lock") then return without_directory(name, there) end
  if record and not record.problem then
    return qemu_lives(record) and records.started(record) and "unsupervised" or "gone"
  end
  if look.supervisor(name, record) then return "starting" end
  return #orphans.holders(dir .. "/machine.lock") > 0 and "damaged" or "gone"
end

local function supervisor_lives(name, record)
  return record and record.supervisor
         and orphans.has_open(record.supervisor.pid, places.runtime(name) .. "/supervisor.lock")
end

local function at_home(name, within, there)
  local dir = places.runtime(name)
  local record = records.read(dir)
  local lives = supervisor_lives(name, record)
  if lives and not records.is_up(record) then
    return record.tied and "foreground" or "starting", record
  end
  local vm, _, code = client.open(name, dir .. "/control.sock", within)
  if vm then return "up", record, vm end
  if code == errno.EBUSY then return "busy", record end
  if lives and record.tied then return "foreground", record end
  if code == errno.ETIMEDOUT then
    return record and records.started(record) and "stuck" or "starting", record
  end
  return unattended(name, record, there), record
end

-- The state of a machine, what could be read of its record, and of one that is up its handle (to be
-- closed):
--   up, starting, foreground (of a `lunik run` that cannot be asked, or not yet),
--   stuck (its supervisor does not answer), unsupervised,
--   damaged (that, and its record cannot be read), lost (its runtime directory has vanished),
--   elsewhere (on another host: record.hostname), gone (ended unseen), down
function look.at(name, within)
  local there = places.pointer(name)
  if there and there.abroad then
    local owned = elsewhere.is_owned(places.state(name))
    return owned == false and "down" or "elsewhere", { hostname = there.hostname }
  end
  return at_home(name, within, there)
end

return look

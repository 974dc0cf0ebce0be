-- SPDX-License-Identifier: MIT
-- What a batch and its jobs leave in the folder where they were submitted:
--   lunik-jobs/NAME-1/batch.json, job     the batch, and its script
--   lunik-jobs/NAME-1/5/log               the console of job 5, and what lunik says
--   lunik-jobs/NAME-1/5/r0.json, r0/      the record of its first attempt, and its results
--   lunik-jobs/NAME-1/5/out               the results of its newest attempt that has ended
-- An attempt writes only what bears its own number, so that an older one that still runs somewhere
-- overwrites nothing of a newer one's.
local core = require "lunik.core"
local errno = require "posix.errno"
local host = require "lunik.host"
local mode = require "lunik.system.mode"
local portable = require "lunik.store.portable"
local script = require "lunik.fleet.script"
local shape = require "lunik.store.shape"
local stat = require "posix.sys.stat"
local store = require "lunik.store.records"
local unistd = require "posix.unistd"

local records = {}

records.folder = "lunik-jobs"

local MOST = 100000        -- batches of one name in a folder

local function make(path)
  local ok, why, code = stat.mkdir(path, mode.folder)
  if ok or code == errno.EEXIST and host.kind(path) == "directory" then return true end
  return nil, "mkdir " .. why
end

-- Makes the folder of a new batch below `dir`: its name, and path | nil, why
function records.new(dir, name)
  local above = dir .. "/" .. records.folder
  local ok, why = make(above)
  if not ok then return nil, why end
  for number = 1, MOST do
    local key = ("%s-%d"):format(name, number)
    local code
    ok, why, code = stat.mkdir(above .. "/" .. key, mode.folder)
    if ok then return key, above .. "/" .. key end
    if code ~= errno.EEXIST then return nil, "mkdir " .. why end
  end
  return nil, above .. ": too many batches"
end

-- Makes the folders of a batch's jobs: true | nil, why
function records.make_jobs(path, count)
  for number = 1, count do
    local ok, why = make(("%s/%d"):format(path, number))
    if not ok then return nil, why end
  end
  return true
end

function records.job(batch, number) return ("%s/%d"):format(batch, number) end
function records.log(batch, number) return records.job(batch, number) .. "/log" end

local function put(path, value)
  local text, why = core.json.encode(portable.encode(value))
  if not text then return nil, why end
  return store.write(path, text .. "\n")
end

-- Writes what is known of a batch beside its script: true | nil, why
function records.save_batch(path, batch, id)
  return put(path .. "/batch.json", { lunik = 1, id = id, batch = batch, at = os.time() })
end

local KNOWN = { id = shape.text, at = shape.integer }

-- { batch, id, at, path, key } | nil, why
function records.batch(path)
  local object, why = store.object(path .. "/batch.json")
  if not object then return nil, why end
  local batch
  batch, why = script.read(object.batch)
  if not batch then return nil, ("%s/batch.json: %s"):format(path, why) end
  local known = shape.read(KNOWN, object)
  return { batch = batch, id = known.id, at = known.at or 0, path = path,
           key = path:match "[^/]+$" }
end

-- All batches that were submitted in a folder, oldest first.
function records.batches(dir)
  local list = {}
  for _, name in ipairs(host.list(dir .. "/" .. records.folder)) do
    local one = name:find "^%w" and records.batch(("%s/%s/%s"):format(dir, records.folder, name))
    if one then list[#list + 1] = one end
  end
  table.sort(list, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    return a.key < b.key
  end)
  return list
end

-- Writes the record of an attempt: true | nil, why
function records.save(job, attempt, record)
  return put(("%s/r%d.json"):format(job, attempt), record)
end

local ATTEMPT = {
  state = shape.text, node = shape.shown, place = shape.text, machine = shape.text,
  began = shape.integer, ended = shape.integer, code = shape.integer, text = shape.shown,
  again = shape.boolean, results = shape.boolean, trouble = shape.shown, own = shape.boolean,
  host_id = shape.text,
}

-- The numbers of a job's attempts that have a record, rising.
function records.attempts(job)
  local list = {}
  for _, name in ipairs(host.list(job)) do
    list[#list + 1] = math.tointeger(name:match "^r(%d+)%.json$")
  end
  table.sort(list)
  return list
end

-- The record of an attempt | nil
function records.attempt(job, number)
  local object = store.object(("%s/r%d.json"):format(job, number))
  local record = object and shape.read(ATTEMPT, object)
  if record then record.number = number end
  return record
end

-- The record of the newest attempt | nil
function records.latest(job)
  local list = records.attempts(job)
  return #list > 0 and records.attempt(job, list[#list]) or nil
end

-- The newest attempt that has ended with results | nil
local function newest(job)
  local list = records.attempts(job)
  for i = #list, 1, -1 do
    local record = records.attempt(job, list[i])
    if record and record.results then return list[i] end
  end
end

-- Rings for whoever watches the batch's folder, where that is seen from here.
function records.ring(job, attempt)
  local bell = ("%s.%d.bell"):format(job, attempt)
  if store.write(bell, "") then unistd.unlink(bell) end
end

-- Has `out` lead to the results of the newest attempt that has some. Two attempts may do so at
-- once: whoever has written last looks again, and so the newer one stands whichever was last.
function records.publish(job)
  local link = job .. "/out"
  for _ = 1, 100 do
    local number = newest(job)
    local target = number and ("r%d/out"):format(number)
    if not target or unistd.readlink(link) == target then return true end
    local temporary = ("%s.%d.tmp"):format(link, number)
    unistd.unlink(temporary)
    local ok, why = unistd.link(target, temporary, true)
    if ok then ok, why = os.rename(temporary, link) end
    if not ok then return nil, why end
  end
  return nil, link .. ": two attempts write it, again and again"
end

return records

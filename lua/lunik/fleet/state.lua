-- SPDX-License-Identifier: MIT
-- How the jobs of a batch are: from their records, and what the queue still knows of them. Records
-- outlive the queue's memory, so they count first.
local exit = require "lunik.exit"
local host = require "lunik.host"
local place = require "lunik.fleet.place"
local records = require "lunik.fleet.records"

local state = {}

-- The states; `over`: nothing more comes.
state.words = {
  { "queued", over = false, doc = "it waits for its turn" },
  { "running", over = false, doc = "its machine runs" },
  { "again", over = false, doc = "the host failed it: it is queued again" },
  { "done", over = true, doc = "it ended well" },
  { "failed", over = true, doc = "it ended with another exit code than 0" },
  { "cancelled", over = true, doc = "it was taken from the queue before it ran" },
  { "lost", over = true, doc = "it ended unseen: its node died, or it was killed" },
}

local over = {}
for _, row in ipairs(state.words) do over[row[1]] = row.over end

-- What the queue says: { state, reason, node } by key, or nil where it was not asked, or is silent.
local function in_queue(queue, key) return queue and queue[key] end

local CANCELLED = { CANCELLED = true }

-- Whether the newest attempt runs on this host, by its lock.
local function is_held(record)
  return record and record.host_id == host.machine_id and place.is_held(record.place or "")
end

-- Without an ended record: what the queue has, or the lock of one on this host.
local function unended(record, entry, queue)
  if entry and entry.running then return "running" end
  if entry and not entry.over then
    return (entry.here and is_held(record) and "running") or record and "again" or "queued"
  elseif entry and CANCELLED[entry.state] and not record then
    return "cancelled"
  elseif is_held(record) then
    return "running"
  elseif queue then
    return "lost"
  end
  return record and "running" or "queued"
end

local function word(record, entry, queue)
  if record and record.state == "ended" and not record.again then
    return record.code == exit.ok and "done" or "failed"
  end
  local found = unended(record, entry, queue)
  if record and record.again and found == "queued" then return "again" end
  return found
end

local function code_of(one, record)
  if one.state == "done" or one.state == "failed" then return record.code or exit.killed end
  if over[one.state] then return exit.killed end
end

-- One job: { job, name, state, over, code, text, node, began, ended, attempts, reason, results }.
-- `queue` has what the engine knows of its jobs, by their names.
function state.of(found, number, queue)
  local job = records.job(found.path, number)
  local key = ("%s_%d"):format(found.id or found.key, number)
  local record, entry = records.latest(job), in_queue(queue, key)
  local one = { job = ("%s:%s"):format(found.batch.engine, key), number = number,
                name = found.batch.jobs[number].name, state = word(record, entry, queue),
                node = record and record.node or entry and entry.node,
                reason = entry and entry.reason, attempts = #records.attempts(job),
                folder = job, record = record }
  one.over, one.code = over[one.state], nil
  one.code = code_of(one, record)
  if record then
    one.began, one.ended, one.text = record.began, record.ended, record.text
    one.trouble, one.results = record.trouble, record.results
  end
  return one
end

-- All jobs of a batch.
function state.all(found, queue)
  local list = {}
  for number = 1, #found.batch.jobs do list[number] = state.of(found, number, queue) end
  return list
end

-- How many are in each state, and the worst exit code of those that are over: counts, code
function state.sum(list)
  local counts, worst = {}, exit.ok
  for _, one in ipairs(list) do
    counts[one.state] = (counts[one.state] or 0) + 1
    if one.over then worst = math.max(worst, one.code) end
  end
  return counts, worst
end

return state

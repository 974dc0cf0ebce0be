-- SPDX-License-Identifier: MIT
-- One attempt at a job, on the node that the queue has chosen: its folder there, its record, and
-- what its end means. It is fenced: it writes what bears its own number, and gives up where a newer
-- one has begun, as when a node was taken for dead.
local host = require "lunik.host"
local mode = require "lunik.system.mode"
local place = require "lunik.fleet.place"
local printable = require "lunik.text.printable"
local records = require "lunik.fleet.records"
local stat = require "posix.sys.stat"
local verdict = require "lunik.fleet.verdict"

local attempt = {}
attempt.__index = attempt

-- Why an attempt is out of date | nil
function attempt:overtaken()
  for _, number in ipairs(records.attempts(self.job)) do
    if number > self.number then
      return ("attempt %d of this job has begun: attempt %d is given up"):format(number,
        self.number)
    end
  end
end

-- Why there is to be no other attempt | nil: one that was taken for dead may write its disk still.
local function is_only_once(self)
  if not self.batch.once or self.number == 0 then return nil end
  return ("%s is written where it lies, perhaps by attempt 0 still: the job is not run again")
    :format(printable(self.batch.once))
end

-- The next number, where the engine does not count restarts itself.
local function next_number(job)
  local list = records.attempts(job)
  return #list > 0 and list[#list] + 1 or 0
end

-- Begins an attempt: batch, what it is by the engine (lunik.fleet.engines, `here`), and
-- finish(runtime), which ends what a dead job has left. | nil, why
function attempt.begin(batch, here, finish)
  local task = batch.jobs[here.number]
  if not task then return nil, ("the batch has no job %d"):format(here.number) end
  local self = setmetatable({ batch = batch, task = task, here = here,
    job = records.job(batch.folder, here.number) }, attempt)
  stat.mkdir(self.job, mode.folder)
  self.number = here.restart or next_number(self.job)
  local late = is_only_once(self) or self:overtaken()
  if late then return nil, late end
  self.swept = place.sweep(finish)
  local why
  self.place, why = place.take(("%s-r%d"):format(here.key, self.number))
  if not self.place then return nil, why end
  self.record = { lunik = 1, state = "running", node = here.node or host.hostname,
                  host_id = host.machine_id, place = self.place.path, began = os.time() }
  local ok
  ok, why = records.save(self.job, self.number, self.record)
  if ok then return self end
  self.place:leave()
  return nil, why
end

-- The machine of this name runs, or is about to.
function attempt:named(name)
  self.record.machine = name
  records.save(self.job, self.number, self.record)
end

-- Where results go; the folder above it is there.
function attempt:results()
  local path = ("%s/r%d"):format(self.job, self.number)
  stat.mkdir(path, mode.folder)
  return path .. "/out"
end

-- How often it was tried again for the host's sake before.
local function tried(self)
  local count = 0
  for _, number in ipairs(records.attempts(self.job)) do
    local record = number < self.number and records.attempt(self.job, number)
    if record and record.again then count = count + 1 end
  end
  return count
end

-- Whether it is to be tried again. how: code, own, cause
function attempt:again(how)
  return verdict.is_hosts(how.code, how.own, how.cause) and tried(self) < self.batch.retries
end

-- Writes down how it ended, { code, own, cause, text, again, trouble }, and gives the node's folder
-- back: true | nil, why
function attempt:finish(how)
  local record = self.record
  record.state, record.ended = "ended", os.time()
  record.code, record.own, record.text = how.code, how.own, how.text
  record.again, record.trouble, record.results = how.again, how.trouble, how.results or false
  local ok, why = records.save(self.job, self.number, record)
  if ok then ok, why = records.publish(self.job) end
  records.ring(self.job, self.number)
  self.place:leave()
  return ok, why
end

return attempt

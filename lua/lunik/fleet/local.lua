-- SPDX-License-Identifier: MIT
-- Runs the jobs of a batch on this machine: a plain queue, bounded by cores and memory, for people
-- without a cluster. It is over when they are, and they do not outlive it.
local core = require "lunik.core"
local environment = require "lunik.process.environment"
local exit = require "lunik.exit"
local file = require "lunik.system.file"
local host = require "lunik.host"
local program = require "lunik.program"
local records = require "lunik.fleet.records"
local signal = require "lunik.system.signal"
local state = require "lunik.fleet.state"
local unistd = require "posix.unistd"
local wait = require "lunik.async.wait"

local here = {}
here.__index = here

here.name = "local"

-- What this process is a job of, by its arguments | nil
function here.here(batch, number, restart)
  if not number then return nil end
  return { number = number, restart = restart, key = ("%s_%d"):format(
    batch.folder:match "[^/]+$", number) }
end

-- Whether one more job fits beside those that run; one alone always does.
local function fits(self)
  local run, need = self.running, self.batch.resources
  if run == 0 then return true end
  return run < self.at_once and (run + 1) * need.cpus <= math.max(host.cpus, self.at_once)
         and (run + 1) * need.memory <= self.memory
end

local function start(self, number, restart)
  local argv, why = program.argv("job", self.script, tostring(number), tostring(restart))
  if not argv then return nil, why end
  local log
  log, why = file.appender(records.log(self.batch.folder, number))
  if not log then return nil, "open " .. why end
  local proc
  proc, why = core.proc.spawn { argv = argv, env = environment(), cwd = self.batch.submitted,
    fds = { [1] = log, [2] = log }, group = true, pdeathsig = signal.TERM }
  unistd.close(log)
  return proc, why
end

-- Runs a job to its end, and again as long as its record says so.
local function carry(self, number)
  local restart = 0
  repeat
    local proc, why = start(self, number, restart)
    if not proc then
      self.tell(number, { state = "failed", code = exit.start, text = why, over = true })
      return
    end
    self.procs[proc] = true
    wait.exit(self.loop, proc)
    self.procs[proc] = nil
    proc:close()
    local record = records.attempt(records.job(self.batch.folder, number), restart)
    restart = restart + 1
  until self.stopped or not (record and record.again)
  self.tell(number, state.of(self.found, number, {}))
end

-- Ends what runs, and starts nothing more.
function here:stop()
  self.stopped = true
  for proc in pairs(self.procs) do proc:signal(signal.TERM) end
  self.changed:fire()
end

-- Runs all jobs, in a task of `loop`. found: as lunik.fleet.records has a batch; options: at_once,
-- tell(number, job), which hears of each job that is over
function here.new(loop, found, options)
  return setmetatable({ loop = loop, found = found, batch = found.batch,
    script = found.path .. "/job", at_once = options.at_once or host.cpus, tell = options.tell,
    memory = host.available_memory or host.memory, running = 0, procs = {},
    changed = loop:condition() }, here)
end

-- Whether somebody is at the queue of a batch.
function here.is_held(found)
  local lock = core.lock.take(found.path .. "/lock")
  if lock then lock:close() end
  return lock == nil
end

function here:work()
  local lock <close> = core.lock.take(self.found.path .. "/lock")
  for number = 1, #self.batch.jobs do
    while not fits(self) and not self.stopped do self.changed:wait() end
    if self.stopped then break end
    self.running = self.running + 1
    self.loop:spawn("job", function()
      carry(self, number)
      self.running = self.running - 1
      self.changed:fire()
    end)
  end
  while self.running > 0 do self.changed:wait() end
  return lock ~= nil
end

return here

-- SPDX-License-Identifier: MIT
-- Tasks: coroutines over poll(2). A task waits for a descriptor, a time or another
-- task by yielding to its loop; nothing here blocks but the one poll per turn, and
-- that one sleeps until something happens. No global state: several loops may exist.
local errno = require "posix.errno"
local poll = require "posix.poll"
local time = require "posix.time"
local latch = require "lunik.async.latch"
local pollset = require "lunik.async.pollset"

local loop = {}
loop.__index = loop

local task = {}
task.__index = task

-- What a task yields to its loop; anything else yielded is a bug of the yielder.
local REQUEST = {}

local IN_A_ROW = 8

-- Seconds on the clock that never jumps.
function loop.now()
  local t = time.clock_gettime(time.CLOCK_MONOTONIC)
  return t.tv_sec + t.tv_nsec / 1e9
end

function loop.new()
  return setmetatable({ ready = {}, waiting = {}, broken = {}, requests = 0, in_a_row = 0 },
                      loop)
end

function loop:condition() return latch.condition(self) end
function loop:latch() return latch.new(self) end

local function enqueue(self, which, ...)
  self.ready[#self.ready + 1] = { task = which, values = table.pack(...) }
end

-- Starts a task. When it raises, whoever joined it hears; else its owner is told, and only it has
-- ended; one without an owner, of its own or of the task that starts it, makes `run` raise.
function loop:spawn(name, fn, ...)
  return self:spawn_for(self.current and self.current.owner, name, fn, ...)
end

-- The same for an owner, `tell(text)`: what talks to a guest has one.
function loop:spawn_for(owner, name, fn, ...)
  local new = setmetatable({ loop = self, name = name, finished = latch.new(self), owner = owner,
                             co = coroutine.create(fn) }, task)
  enqueue(self, new, ...)
  return new
end

-- Yields a request of the running task. Coroutines inside a task (hooks) hand it on,
-- so it is the loop that knows who is running.
function loop:request(asked, seconds)
  if not self.current then error("only a task of the loop can wait", 3) end
  asked.deadline = seconds and loop.now() + seconds
  return coroutine.yield(REQUEST, asked)
end

function loop.is_request(value)
  return value == REQUEST
end

-- True where waiting is possible: in a task, and not below a call that cannot yield.
function loop:can_wait()
  return self.current ~= nil and coroutine.isyieldable()
end

-- Waits until `fd` can be read and/or written: events is "r", "w" or "rw". Returns
-- the events that hold | nil, why, ETIMEDOUT. An error on fd counts as both. A
-- `condition` that fires ends the wait as well, with what it was fired with.
function loop:wait(fd, events, seconds, condition)
  return self:request({ fd = fd, events = events, on = condition and condition.waiters },
                      seconds)
end

function loop:sleep(seconds)
  self:request({}, seconds)
end

-- Lets every other task that can run do so first.
function loop:pass()
  self:request({}, 0)
end

-- Called by who takes what may be there already: after a few times in one go it is everybody
-- else's turn, so that a peer who sends without end stalls nobody.
function loop:served()
  self.in_a_row = self.in_a_row + 1
  if self.in_a_row >= IN_A_ROW then self:pass() end
end

-- true, its results | false, traceback | nil, why, ETIMEDOUT
function task:join(seconds)
  self.joined = true
  return self.finished:wait(seconds)
end

local function forget(self, which)
  local asked = which.request
  self.waiting[which], which.request = nil, nil
  local waiters = asked and asked.on or {}
  for i = #waiters, 1, -1 do
    if waiters[i] == which then table.remove(waiters, i) end
  end
end

-- Without memory it waits on, rather than being lost.
function loop:wake(which, ...)
  enqueue(self, which, ...)
  forget(self, which)
end

local function fail(self, which, why)
  if not which.joined then
    local text = ("task '%s': %s"):format(which.name, why)
    if not which.owner or not pcall(which.owner, "bug: " .. text) then
      self.broken[#self.broken + 1] = text
    end
  end
  which.finished:set(false, why)
end

-- Ends a task where it waits; its `<close>` variables are closed, and cannot wait.
function task:cancel()
  if self.finished:is_set() or self.ending then return end
  if self.loop.current == self then error("a task cannot cancel itself", 2) end
  self.ending = true                   -- what it closes may run the loop, where it may be ready
  forget(self.loop, self)
  local closed, why = coroutine.close(self.co)
  if not closed then return fail(self.loop, self, why) end
  self.finished:set(false, "cancelled")
end

local function suspend(self, which, asked)
  self.requests = self.requests + 1
  asked.number = self.requests
  which.request = asked
  self.waiting[which] = asked
  if asked.on then table.insert(asked.on, which) end
end

local function resume(self, which, ...)
  self.current, self.in_a_row = which, 0
  local results = table.pack(coroutine.resume(which.co, ...))
  self.current = nil
  return results
end

local function step(self, which, ...)
  local results = resume(self, which, ...)
  if not results[1] then
    local trace = debug.traceback(which.co, tostring(results[2]))
    coroutine.close(which.co)
    return fail(self, which, trace)
  end
  if coroutine.status(which.co) == "dead" then
    return which.finished:set(table.unpack(results, 1, results.n))
  end
  if results[2] ~= REQUEST then
    coroutine.close(which.co)
    return fail(self, which, "yielded something that is not a wait")
  end
  suspend(self, which, results[3])
end

-- Wakes every task whose wait is over, in the order in which they began to wait.
local function collect(self, fds)
  for _, entry in ipairs(pollset.over(self.waiting, fds, loop.now())) do
    if entry.events ~= "" then
      self:wake(entry.task, entry.events)
    else
      self:wake(entry.task, nil, "timed out", errno.ETIMEDOUT)
    end
  end
end

-- Raises the errors of tasks that nobody joined and that have no owner. Every task is ended first,
-- so that what they hold is taken back.
local function report(self)
  if #self.broken == 0 then return end
  self:close()
  local why = table.concat(self.broken, "\n")
  self.broken = {}
  error(why, 0)
end

-- Runs those that are ready now. Where one breaks the loop, the others stay.
local function run_ready(self)
  for _ = 1, #self.ready do
    local entry = table.remove(self.ready, 1)
    if not entry then return end
    if not entry.task.finished:is_set() and not entry.task.ending then
      step(self, entry.task, table.unpack(entry.values, 1, entry.values.n))
    end
  end
end

local function look(self, fds, timeout)
  local n, why, code = poll.poll(fds, timeout)
  if n then return collect(self, fds) end
  if code == errno.EINTR then return end
  self.broken[1] = "poll: " .. why
  report(self)
end

local function rest(self)
  local fds, first = pollset.gather(self.waiting)
  local timeout = -1
  if #self.ready > 0 then
    timeout = 0
  elseif first then
    timeout = math.min(math.max(0, math.ceil((first - loop.now()) * 1000)), 0x7fffffff)
  elseif not next(fds) then
    self.broken[1] = "every task waits for another one"
    return report(self)
  end
  look(self, fds, timeout)
end

-- Runs every task, and waits, until `done()`: for who is no task himself.
function loop:turn_until(done)
  while true do
    run_ready(self)
    report(self)
    if done() then return end
    rest(self)
  end
end

-- Runs `fn` as a task until it returns, all other tasks beside it. Returns what it
-- returned; raises what it raised, or what a task raised that nobody had joined.
function loop:run(fn, ...)
  local main = self:spawn("main", fn, ...)
  main.joined = true
  self:turn_until(function() return main.finished:is_set() end)
  local values = main.finished.values
  if not values[1] then error(values[2], 0) end
  return table.unpack(values, 2, values.n)
end

-- One turn that waits for nothing, for a program that has a loop of its own.
function loop:step()
  look(self, (pollset.gather(self.waiting)), 0)
  run_ready(self)
  report(self)
end

-- What such a program waits for until the next turn: { [fd] = { events = { IN, OUT } } }, and for
-- how many seconds at most | nil
function loop:wanted()
  local fds, first = pollset.gather(self.waiting)
  if #self.ready > 0 then return fds, 0 end
  return fds, first and math.max(0, first - loop.now())
end

-- Ends every task.
function loop:close()
  local ready, waiting = self.ready, self.waiting
  self.ready, self.waiting = {}, {}
  for _, entry in ipairs(ready) do entry.task:cancel() end
  for which in pairs(waiting) do which:cancel() end
end

loop.__close = loop.close

-- Runs work(loop) in a loop of its own, which is closed however it ends.
function loop.alone(work)
  local own <close> = loop.new()
  return own:run(work, own)
end

return loop

-- SPDX-License-Identifier: MIT
-- A QMP monitor in a loop: any number of tasks have commands on their way at once,
-- and one task steps the engine when its socket or a deadline says so.
local core = require "lunik.core"
local errno = require "posix.errno"

local monitor = {}
monitor.__index = monitor

local PATIENCE = 30
local WINDOW = 6           -- commands on their way at once: QEMU stops reading at 8
local VALUES = 1 << 18     -- in one message: QEMU's schema, its longest, has 15,741
local EVENTS = 32          -- that are handed on before others have their turn
local KEPT = 1 << 14       -- events that wait: what one step may have read is no loss

-- Takes over a connected channel.
function monitor.open(loop, chan)
  local qmp, why, code = core.qmp.open(chan, { values = VALUES, events = KEPT })
  if not qmp then return nil, why, code end
  local new = setmetatable({ loop = loop, qmp = qmp, waiting = {}, flying = 0, own = {},
                             passed = {}, kick = loop:condition(), closed = loop:latch() }, monitor)
  new.pump = loop:spawn("monitor", new.work, new)
  return new
end

-- Sends an entry: { command, arguments, done, ends }.
local function submit(self, entry)
  local left = entry.ends and math.max(0, entry.ends - self.loop.now())
  local id, why, code = self.qmp:submit(entry.command, entry.arguments,
                                        { timeout = left, fds = entry.fds, oob = entry.urgent })
  if not id then return entry.done(nil, why, code) end
  self.waiting[id] = entry.done
  self.flying = self.flying + 1
  self.kick:fire()
end

-- Whether an entry may be sent now. QEMU reads ahead and keeps only the descriptors that came last,
-- so a command with descriptors travels alone.
local function may_go(self, entry)
  return self.flying < WINDOW and not self.alone and not (entry.fds and self.flying > 0)
end

-- Sends what the window has room for: this side's own commands first.
local function launch(self)
  while true do
    local list = self.own[1] and self.own or self.passed
    if not list[1] or not may_go(self, list[1]) then return end
    local entry = table.remove(list, 1)
    self.alone = entry.fds ~= nil
    submit(self, entry)
  end
end

-- Hands on so many events at most; whether there may be more.
local function hand_on(self, most)
  if not self.handler then return false end
  for _ = 1, most do
    local event = self.qmp:next_event()
    if not event then return false end
    local ok, why = xpcall(self.handler, debug.traceback, event)
    if not ok then self.broken(why) end
  end
  return true
end

-- What was answered. Events come first: QEMU sends those that a command causes before its answer.
local function answered(self)
  for id in self.qmp.replied, self.qmp do
    local ok, value, class = self.qmp:reply(id)
    local done = self.waiting[id]
    self.waiting[id] = nil
    self.flying, self.alone = self.flying - 1, self.alone and self.flying > 1
    if ok then done(value) else done(nil, value, class) end
  end
  launch(self)
end

-- `fn(event)` is called for every event, the ones that came before included. It must
-- not wait: commands are answered by the same task. What it raises goes to `broken(why)`, if there
-- is one.
function monitor:on_event(fn, broken)
  self.handler, self.broken = fn, broken or function(why) error(why, 0) end
  hand_on(self, math.huge)
  answered(self)
end

local function closed(self, command)
  return nil, ("%s: %s"):format(command, self.why), self.code
end

-- Fails the commands that were never sent. The engine has failed those that were.
local function fail_queued(self, why, code)
  self.done, self.why, self.code = true, why, code
  local lists = { self.own, self.passed }
  self.own, self.passed = {}, {}
  for _, list in ipairs(lists) do
    for _, entry in ipairs(list) do entry.done(closed(self, entry.command)) end
  end
end

local function fail_all(self)
  fail_queued(self, "the monitor is closed", errno.EPIPE)
  for id, done in pairs(self.waiting) do
    self.waiting[id] = nil
    done(nil, "monitor: closed", errno.EPIPE)
  end
end

function monitor:work()
  while true do
    local ok, why, code = self.qmp:step()
    while hand_on(self, EVENTS) do self.loop:pass() end
    answered(self)
    if not ok then
      self.closed:set(why, code)
      return fail_queued(self, why, code)
    end
    self.loop:wait(self.qmp:fd(), self.qmp:wants(), self.qmp:deadline(), self.kick)
  end
end

local function withdraw(self, entry)
  for i, each in ipairs(self.own) do
    if each == entry then return table.remove(self.own, i) end
  end
end

-- What QEMU returned | nil, why, QEMU's error class or an errno. options: fds, a list of
-- descriptors that go with it; urgent, for what QEMU answers out of band, while it is busy.
function monitor:exec(command, arguments, seconds, options)
  if self.done then return closed(self, command) end
  local answer = self.loop:latch()
  local entry = { command = command, arguments = arguments,
                  done = function(...) answer:set(...) end,
                  ends = self.loop.now() + (seconds or PATIENCE),
                  fds = options and options.fds, urgent = options and options.urgent }
  if entry.urgent then submit(self, entry) else self.own[#self.own + 1] = entry end
  launch(self)
  -- once it is sent the engine itself answers in time
  local value, why, code = answer:wait(seconds or PATIENCE)
  if answer:is_set() or withdraw(self, entry) then return value, why, code end
  return answer:wait()
end

-- Sends a command of somebody else's, who waits without a deadline: `done` is called with what
-- exec returns, and in the order of QEMU's answers. Must not wait. `owner`: see abandon.
function monitor:pass(command, arguments, done, owner)
  if self.done then return done(closed(self, command)) end
  self.passed[#self.passed + 1] = { command = command, arguments = arguments, done = done,
                                    owner = owner }
  launch(self)
end

-- The owner of passed commands is gone: those not yet sent are dropped, as QEMU does with those of
-- a client that leaves, and their `done` is not called.
function monitor:abandon(owner)
  local kept = {}
  for _, entry in ipairs(self.passed) do
    if entry.owner ~= owner then kept[#kept + 1] = entry end
  end
  self.passed = kept
end

-- Waits until QEMU is a whole machine: the first answer after the negotiation, which
-- the engine does by itself. true | nil, why
function monitor:handshake(seconds)
  local status, why, code = self:exec("query-status", nil, seconds)
  if status then return true end
  if code == errno.ETIMEDOUT then why = ("no answer within %g seconds"):format(seconds) end
  return nil, why, code
end

-- How many events came faster than they were read, and are lost.
function monitor:dropped()
  return self.qmp:dropped()
end

function monitor:close()
  self.done = true
  self.pump:cancel()
  self.qmp:close()
  self.closed:set("closed")
  fail_all(self)
end

return monitor

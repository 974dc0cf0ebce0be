-- SPDX-License-Identifier: MIT
-- A QMP monitor in a loop: any number of tasks have commands on their way at once,
-- and one task steps the engine when its socket or a deadline says so.
local core = require "lunik.core"
local errno = require "posix.errno"

local monitor = {}
monitor.__index = monitor

local PATIENCE = 30

-- Takes over a connected channel.
function monitor.open(loop, chan)
  local qmp, why, code = core.qmp.open(chan)
  if not qmp then return nil, why, code end
  local new = setmetatable({ loop = loop, qmp = qmp, waiting = {}, kick = loop:condition(),
                             closed = loop:latch() }, monitor)
  new.pump = loop:spawn("monitor", new.work, new)
  return new
end

local function deliver(self)
  for id in self.qmp.replied, self.qmp do
    local ok, value, class = self.qmp:reply(id)
    local waiter = self.waiting[id]
    self.waiting[id] = nil
    if waiter and ok then waiter:set(value) elseif waiter then waiter:set(nil, value, class) end
  end
  if not self.handler then return end
  for event in self.qmp.next_event, self.qmp do self.handler(event) end
end

-- `fn(event)` is called for every event, the ones that came before included. It must
-- not wait: commands are answered by the same task.
function monitor:on_event(fn)
  self.handler = fn
  deliver(self)
end

function monitor:work()
  while true do
    local ok, why, code = self.qmp:step()
    deliver(self)
    if not ok then return self.closed:set(why, code) end
    self.loop:wait(self.qmp:fd(), self.qmp:wants(), self.qmp:deadline(), self.kick)
  end
end

-- What QEMU returned | nil, why, QEMU's error class or an errno
function monitor:exec(command, arguments, seconds)
  if self.done then return nil, command .. ": the monitor is closed", errno.EPIPE end
  local id, why, code = self.qmp:submit(command, arguments, { timeout = seconds or PATIENCE })
  if not id then return nil, why, code end
  local waiter = self.loop:latch()
  self.waiting[id] = waiter
  self.kick:fire()
  return waiter:wait()
end

-- Waits until QEMU is a whole machine: the first answer after the negotiation, which
-- the engine does by itself. true | nil, why
function monitor:handshake(seconds)
  local status, why, code = self:exec("query-status", nil, seconds)
  if status then return true end
  if code == errno.ETIMEDOUT then why = ("no answer within %g seconds"):format(seconds) end
  return nil, why, code
end

-- Events that came faster than they were read, and are lost.
function monitor:dropped()
  return self.qmp:dropped()
end

function monitor:close()
  self.done = true
  self.pump:cancel()
  self.qmp:close()
  self.closed:set("closed")
  for _, waiter in pairs(self.waiting) do waiter:set(nil, "monitor: closed", errno.EPIPE) end
end

return monitor

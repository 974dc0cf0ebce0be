-- SPDX-License-Identifier: MIT
-- Whether the guest's sshd lets us in, for whoever of a machine asks: one task knocks for all of
-- them, with patience, since each connection that is cut is held against us by the server, and a
-- slow guest would never be ready. A banner proves neither key nor user: a real login does.
local defer = require "lunik.async.defer"
local errno = require "posix.errno"

-- What most machines do not need is not loaded.
local function ssh() return require "lunik.vm.guest.ssh" end

local poller = {}
poller.__index = poller

local SOONEST, LATEST = 0.25, 20   -- seconds that a connection is given to say something
local PAUSE, LONGEST = 0.1, 2      -- … and between two, where nobody listens yet
local GROWTH = 1.5
local LOGIN, SLOWEST = 60, 300     -- seconds for the login, in a slow guest, and in a slower one
local AGAIN = 5                    -- … until what was refused is tried again, once
local REFUSALS = 2

-- `forward()` gives the forward that leads to the guest's sshd | nil, `env` what ssh runs in;
-- tell(kind, text). `took`: how many seconds the login has taken that was let in | nil
function poller.new(loop, plan, forward, tell)
  return setmetatable({ loop = loop, plan = plan, forward = forward, tell = tell, waiting = 0,
                        generation = 0, woken = loop:condition() }, poller)
end

local function longer(seconds, most) return math.min(seconds * GROWTH, most) end

-- The guest is another: what was proved of it is void, and patience begins anew.
function poller:forget()
  self.proved = false
  self.generation = self.generation + 1
  self.patience, self.pause, self.login, self.refusals = SOONEST, PAUSE, LOGIN, 0
end

-- The guest is paused, or runs again. What knocked meanwhile would be in its way once it runs.
function poller:rest(resting)
  self.resting = resting
  if not resting then self.woken:fire() end
end

-- What was let in once is no more: it is to be proved again before it is used.
function poller:doubt() self.proved = false end

-- Nobody was let in, and says why: whether the server is alive, and wants to be left alone.
local function back_off(self)
  self.patience = longer(self.patience, LATEST)
  return math.max(self.pause, self.patience)
end

-- The end of a round that has failed for good.
local function give_up(self, why)
  self.round:set(nil, why, "unreachable")
  return true
end

-- Logs in once: true where the round is over.
local function log_in(self, forward)
  local generation, began = self.generation, self.loop.now()
  local verdict, why = ssh().try(self.loop, self.plan, forward, self.login)
  if self.generation ~= generation then return false end
  self.why = why or self.why
  if verdict == "in" or verdict == "password" then
    self.proved, self.took = true, self.loop.now() - began
    if verdict == "password" then self.tell("note", why) end
    self.round:set(true)
    return true
  elseif verdict == "refused" then
    self.refusals = self.refusals + 1
    if self.refusals >= REFUSALS then return give_up(self, why) end
    self.loop:sleep(AGAIN)
  elseif verdict == "final" then
    return give_up(self, why)
  else
    self.login = longer(self.login, SLOWEST)
    self.loop:sleep(back_off(self))
  end
  return false
end

-- One connection: true where the round is over.
local function knock(self)
  while self.resting do self.woken:wait() end
  local forward = self.forward()
  if not forward then
    self.why = ssh().cut_off(self.plan)
    self.loop:sleep(LONGEST)
    return false
  end
  local banner, why, kind = ssh().answers(self.loop, forward, self.patience)
  if banner then return log_in(self, forward) end
  self.why = why
  if kind == "busy" then
    self.loop:sleep(back_off(self))
  elseif kind == "late" then
    self.patience = longer(self.patience, LATEST)
  else
    self.loop:sleep(self.pause)
    self.pause = longer(self.pause, LONGEST)
  end
  return false
end

local function begin(self)
  self:forget()
  self.why, self.round = "nobody was there", self.loop:latch()
  self.task = self.loop:spawn("ssh", function()
    repeat until knock(self)
    self.round, self.task = nil, nil
  end)
end

-- The last who waits takes the task along.
local function leave(self)
  self.waiting = self.waiting - 1
  if self.waiting > 0 or not self.task then return end
  self.task:cancel()
  self.round, self.task = nil, nil
end

-- Waits until a login has succeeded: true | nil, why, code: "unreachable" where no
-- waiting helps.
function poller:wait(seconds)
  if self.proved then return true end
  self.waiting = self.waiting + 1
  local _ <close> = defer(function() leave(self) end)
  if not self.round then begin(self) end
  local ok, why, code = self.round:wait(seconds)
  if ok or code ~= errno.ETIMEDOUT then return ok, why, code end
  local forward = self.forward()
  return nil, ("ssh: port %s: no login within %g seconds: %s"):format(
    forward and ("%d"):format(forward.port) or "?", seconds, self.why), code
end

return poller

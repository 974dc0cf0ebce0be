-- SPDX-License-Identifier: MIT
-- The QEMU guest agent: one line, one answer, over a channel that forgets nothing.
-- What was sent to a dead agent is answered when it lives again, so every session
-- begins with a sync, and so does the next call after one that timed out.
local answers = require "lunik.vm.guest.answers"
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local errno = require "posix.errno"
local base64 = require "lunik.text.base64"
local shape = require "lunik.vm.guest.shape"
local wait = require "lunik.async.wait"

local agent = {}
agent.__index = agent

local PATIENCE = 10
local SOONEST, LATEST, LATE = 0.002, 0.5, 0.1     -- seconds between two questions, and a share

function agent.new(loop, chan)
  return setmetatable({ loop = loop, chan = chan, answers = answers.new(loop, chan),
                        synced = false, syncs = 0, idle = loop:condition() }, agent)
end

-- The agent was restarted or the guest reset: what comes next begins with a sync.
function agent:lost()
  self.synced = false
end

-- One caller at a time. Returns a value whose close lets the next one in.
local function turn(self, seconds)
  local ends = self.loop.now() + seconds
  while self.busy do
    local left = ends - self.loop.now()
    if left <= 0 then return nil, "busy with another command", errno.ETIMEDOUT end
    self.idle:wait(left)
  end
  self.busy = true
  return defer(function()
    self.busy = false
    self.idle:fire()
  end)
end

local function send(self, message, seconds)
  return wait.send(self.loop, self.chan, message .. "\n", seconds)
end

local function sync(self, seconds)
  local ends = self.loop.now() + seconds
  self.syncs = self.syncs + 1
  self.answers:forget()
  local id = self.syncs << 32 | math.random(0xffffffff)
  local ok, why, code = send(self, "\xff" .. core.json.encode {
    execute = "guest-sync-delimited", arguments = { id = id } }, seconds)
  while ok do
    local answer
    answer, why, code = self.answers:next(ends)
    if not answer then break end
    if answer.marked and answer.value["return"] == id then
      self.synced = true
      return true
    end
  end
  return nil, why, code
end

-- Whatever happened before, the next answer belongs to the next command | nil, why
function agent:sync(seconds)
  local mine <close>, why, code = turn(self, seconds or PATIENCE)
  if not mine then return nil, "agent: " .. why, code end
  local ok
  ok, why, code = sync(self, seconds or PATIENCE)
  return ok, ok or "agent: " .. why, code
end

local function refusal(command, problem)
  local text = problem.desc
  if problem.class == "CommandNotFound" then
    text = ("not allowed by the guest's agent (%s)"):format(text)
  end
  return nil, ("agent: %s: %s"):format(command, text), problem.class
end

-- What was answered to a command while it is our turn | nil, why, errno
local function ask(self, command, arguments, ends)
  local now = self.loop.now
  local ok, why, code = true, nil, nil
  if not self.synced then ok, why, code = sync(self, ends - now()) end
  if ok then
    ok, why, code = send(self, core.json.encode { execute = command, arguments = arguments },
                         ends - now())
  end
  if not ok then return nil, why, code end
  return self.answers:next(ends)
end

-- true, what it returned, what is wrong with its output | false, what it refuses with | nil, why,
-- errno. An agent that was not heard of in time, or gave no proper answer, is out of step from then
-- on.
local function exchange(self, command, arguments, ends)
  local answer, why, code = ask(self, command, arguments, ends)
  local ok, value
  if answer and answer.spoiled then
    why = answer.spoiled
  elseif answer then
    ok, value = shape.read(command, answer.value)
    if ok ~= nil then return ok, value, answer.output end
    why = value
  end
  self.synced = false
  if not answer then return nil, why, code end
  return nil, "no proper answer: " .. why, errno.EBADMSG
end

-- What the agent returned, and what is wrong with the output in it | nil, why, the agent's error
-- class or an errno
function agent:call(command, arguments, seconds)
  local ends = self.loop.now() + (seconds or PATIENCE)
  local mine <close>, busy, code = turn(self, seconds or PATIENCE)
  local ok, value, more = nil, busy, code
  if mine then ok, value, more = exchange(self, command, arguments, ends) end
  if ok then return value, more end
  if ok == false then return refusal(command, value) end
  return nil, ("agent: %s: %s"):format(command, value), more
end

-- The agent answers this one only when it fails: silence means that it was accepted.
function agent:shutdown(seconds)
  local _, why, code = self:call("guest-shutdown", { mode = "powerdown" }, seconds or 2)
  if code == nil or code == errno.ETIMEDOUT or code == errno.EPIPE then return true end
  return nil, why, code
end

local function result(state, wrong)
  if wrong then return nil, "agent: guest-exec: output: " .. wrong end
  return { status = state.exitcode, signal = state.signal, out = state["out-data"] or "",
           err = state["err-data"] or "",
           truncated = state["out-truncated"] or state["err-truncated"] or false }
end

-- The agent tells nobody that a command has ended: it has to be asked, at intervals that are a
-- part of what it has taken so far. A finished command is reported once.
local function await(self, pid, ends)
  local began = self.loop.now()
  while true do
    local state, why, code = self:call("guest-exec-status", { pid = pid })
    if not state then return nil, why, code end
    if state.exited then return result(state, why) end
    if ends and self.loop.now() >= ends then
      return nil, "agent: guest-exec: still running at the deadline", errno.ETIMEDOUT
    end
    local pause = (self.loop.now() - began) * LATE
    self.loop:sleep(math.min(math.max(pause, SOONEST), LATEST))
  end
end

-- Runs a program in the guest. options: input (bytes), env (list of "K=V"), seconds.
-- Returns { status | signal, out, err, truncated } | nil, why
function agent:exec(argv, options)
  options = options or {}
  local ends = options.seconds and self.loop.now() + options.seconds
  local started, why, code = self:call("guest-exec", {
    path = argv[1], arg = core.json.array(table.move(argv, 2, #argv, 1, {})),
    env = options.env and core.json.array(options.env),
    ["input-data"] = options.input and base64.encode(options.input),
    ["capture-output"] = true,
  }, options.seconds)
  if not started then return nil, why, code end
  return await(self, started.pid, ends)
end

return agent

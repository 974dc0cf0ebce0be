-- SPDX-License-Identifier: MIT
-- The QEMU guest agent: one line, one answer, over a channel that forgets nothing.
-- What was sent to a dead agent is answered when it lives again, so every session
-- begins with a sync, and so does the next call after one that timed out.
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local errno = require "posix.errno"
local base64 = require "lunik.text.base64"
local wait = require "lunik.async.wait"

local agent = {}
agent.__index = agent

local LINE = 1 << 26      -- the agent caps an output at 16 MiB before base64
local PATIENCE = 10
local SOONEST, LATEST, LATE = 0.002, 0.5, 0.1     -- seconds between two questions, and a share

function agent.new(loop, chan)
  return setmetatable({ loop = loop, chan = chan, synced = false, syncs = 0,
                        idle = loop:condition() }, agent)
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

-- The next answer on the line that is one, as a table; noise is skipped.
local function answer(self, ends)
  while true do
    local left = math.max(0, ends - self.loop.now())
    local line, why, code = wait.line(self.loop, self.chan, left, LINE)
    if not line then return nil, why, code end
    local marked = line:find("\xff", 1, true) ~= nil
    local value = core.json.decode((line:gsub("^.*\xff", "")))
    if type(value) == "table" then return value, marked end
  end
end

local function sync(self, seconds)
  local ends = self.loop.now() + seconds
  self.syncs = self.syncs + 1
  local id = self.syncs << 32 | math.random(0xffffffff)
  local ok, why, code = send(self, "\xff" .. core.json.encode {
    execute = "guest-sync-delimited", arguments = { id = id } }, seconds)
  while ok do
    local value, marked
    value, marked, code = answer(self, ends)
    if not value then return nil, marked, code end
    if marked and value["return"] == id then
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
  local text = tostring(problem.desc)
  if problem.class == "CommandNotFound" then
    text = ("not allowed by the guest's agent (%s)"):format(text)
  end
  return nil, ("agent: %s: %s"):format(command, text), problem.class
end

-- One command while it is our turn. An agent that was never heard of in time is
-- out of step from then on.
local function exchange(self, command, arguments, ends)
  local now = self.loop.now
  local ok, why, code = true, nil, nil
  if not self.synced then ok, why, code = sync(self, ends - now()) end
  if ok then
    ok, why, code = send(self, core.json.encode { execute = command, arguments = arguments },
                         ends - now())
  end
  if ok then ok, why, code = answer(self, ends) end
  if not ok then self.synced = false end
  return ok, why, code
end

-- What the agent returned | nil, why, the agent's error class or an errno
function agent:call(command, arguments, seconds)
  local ends = self.loop.now() + (seconds or PATIENCE)
  local mine <close>, why, code = turn(self, seconds or PATIENCE)
  local value
  if mine then value, why, code = exchange(self, command, arguments, ends) end
  if not value then return nil, ("agent: %s: %s"):format(command, why), code end
  if value.error then return refusal(command, value.error) end
  return value["return"]
end

-- The agent answers this one only when it fails: silence means that it was accepted.
function agent:shutdown(seconds)
  local _, why, code = self:call("guest-shutdown", { mode = "powerdown" }, seconds or 2)
  if code == nil or code == errno.ETIMEDOUT or code == errno.EPIPE then return true end
  return nil, why, code
end

-- Output can be 16 MiB: other tasks run between the pieces.
local function decoded(self, text)
  local parts = {}
  for at = 1, #(text or ""), 65536 do
    local part, why = base64.decode(text:sub(at, at + 65535))
    if not part then return nil, "agent: guest-exec: output: " .. why end
    parts[#parts + 1] = part
    self.loop:pass()
  end
  return table.concat(parts)
end

local function result(self, state)
  local out, why = decoded(self, state["out-data"])
  if not out then return nil, why end
  local err
  err, why = decoded(self, state["err-data"])
  if not err then return nil, why end
  return { status = state.exitcode, signal = state.signal, out = out, err = err,
           truncated = state["out-truncated"] or state["err-truncated"] or false }
end

-- The agent tells nobody that a command has ended: it has to be asked, at intervals that are a
-- part of what it has taken so far. A finished command is reported once.
local function await(self, pid, ends)
  local began = self.loop.now()
  while true do
    local state, why, code = self:call("guest-exec-status", { pid = pid })
    if not state then return nil, why, code end
    if state.exited then return result(self, state) end
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

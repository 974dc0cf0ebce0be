-- SPDX-License-Identifier: MIT
-- The QEMU guest agent: one line, one answer, over a channel that forgets nothing.
-- What was sent to a dead agent is answered when it lives again, so every session
-- begins with a sync, and so does the next call after one that timed out.
local answers = require "lunik.vm.guest.answers"
local core = require "lunik.core"
local errno = require "posix.errno"
local base64 = require "lunik.text.base64"
local input = require "lunik.vm.guest.input"
local shape = require "lunik.vm.guest.shape"
local turn = require "lunik.async.turn"
local wait = require "lunik.async.wait"

local agent = {}
agent.__index = agent

local PATIENCE = 10
local SOONEST, LATEST, LATE = 0.002, 0.5, 0.1     -- seconds between two questions, and a share
local PIECE = 12288        -- bytes of a program's input that are sent at once: they fit base64
local INPUT = 47 << 20     -- … and in all: the agent's JSON has texts of 64 MiB at most, in base64

function agent.new(loop, chan)
  return setmetatable({ loop = loop, chan = chan, answers = answers.new(loop, chan),
                        synced = false, syncs = 0, turn = turn(loop) }, agent)
end

-- The agent was restarted or the guest reset: what comes next begins with a sync.
function agent:lost()
  self.synced = false
end

-- One caller at a time. Returns a value whose close lets the next one in, and when the caller's
-- time is over | nil, why, errno. While the agent takes a long input of another's, no time passes.
local function take_turn(self, seconds)
  local now = self.loop.now
  local ends = now() + seconds
  local mine = self.turn(function()
    if self.sending then ends = now() + seconds end
    return ends - now()
  end)
  if not mine then return nil, "busy with another command", errno.EBUSY end
  self.sending = false
  return mine, ends
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
  local mine <close>, why, code = take_turn(self, seconds or PATIENCE)
  if not mine then return nil, "agent: " .. why, code end
  local ok
  ok, why, code = sync(self, seconds or PATIENCE)
  return ok, ok or "agent: " .. why, code
end

local function refusal(command, problem)
  local text = problem.desc
  local class = problem.class
  if text:find("has been disabled", 1, true) then class = "CommandNotFound" end     -- qemu-ga 4
  if class == "CommandNotFound" then
    text = ("not allowed by the guest's agent (%s)"):format(text)
  end
  return nil, ("agent: %s: %s"):format(command, text), class
end

-- The same with bytes that are many among the arguments: they are read and sent piece by piece,
-- and as long as the agent goes on taking them it is in time.
local function send_with(self, command, arguments, bytes)
  local begun = ('{"execute": "%s", "arguments": %s, "input-data": "'):format(command,
    core.json.encode(arguments):sub(1, -2))
  local ok, why, code = wait.send(self.loop, self.chan, begun, PATIENCE)
  for piece, wrong in input.pieces(bytes, PIECE) do
    if not ok or wrong then return nil, why or wrong, code end
    ok, why, code = wait.send(self.loop, self.chan, base64.encode(piece), PATIENCE)
  end
  if not ok then return nil, why, code end
  return send(self, '"}}', PATIENCE)
end

-- What was answered to a command while it is our turn | nil, why, errno
local function ask(self, command, arguments, ends, bytes)
  local now = self.loop.now
  local ok, why, code = true, nil, nil
  if not self.synced then ok, why, code = sync(self, ends - now()) end
  if ok and bytes then
    ok, why, code = send_with(self, command, arguments, bytes)
    ends = math.max(ends, now() + PATIENCE)
  elseif ok then
    ok, why, code = send(self, core.json.encode { execute = command, arguments = arguments },
                         ends - now())
  end
  if not ok then return nil, why, code end
  return self.answers:next(ends)
end

-- true, what it returned, what is wrong with its output | false, what it refuses with | nil, why,
-- errno. An agent that was not heard of in time, or gave no proper answer, is out of step from then
-- on.
local function exchange(self, command, arguments, ends, bytes)
  self.sending = bytes ~= nil
  local answer, why, code = ask(self, command, arguments, ends, bytes)
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
-- class or an errno. `bytes` (lunik.vm.guest.input) go along as the argument "input-data".
function agent:call(command, arguments, seconds, bytes)
  local mine <close>, ends, code = take_turn(self, seconds or PATIENCE)
  local ok, value, more = nil, ends, code
  if mine then ok, value, more = exchange(self, command, arguments, ends, bytes) end
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
-- part of what it has taken so far. A finished command is reported once. What a program came to
-- that guest-exec has started | nil, why, errno
function agent:await(pid, seconds)
  local began = self.loop.now()
  local ends = seconds and began + seconds
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

-- Whether a program's input is more than an agent takes.
function agent.has_no_room(given)
  return given ~= nil and input.size(given) > INPUT
end

-- Starts a program in the guest: its number there | nil, why, code. options: input
-- (lunik.vm.guest.input), env (list of "K=V"), seconds.
function agent:start(argv, options)
  if agent.has_no_room(options.input) then
    return nil, ("agent: guest-exec: the input has %d bytes, and %d are the most"):format(
      input.size(options.input), INPUT), "unsupported"
  end
  local started, why, code = self:call("guest-exec", {
    path = argv[1], arg = core.json.array(table.move(argv, 2, #argv, 1, {})),
    env = options.env and core.json.array(options.env), ["capture-output"] = true,
  }, options.seconds, options.input)
  return started and started.pid, why, code
end

-- Runs a program in the guest: { status | signal, out, err, truncated } | nil, why, code, and the
-- program's number where it has been started.
function agent:exec(argv, options)
  options = options or {}
  local ends = options.seconds and self.loop.now() + options.seconds
  local pid, why, code = self:start(argv, options)
  if not pid then return nil, why, code end
  local done
  done, why, code = self:await(pid, ends and math.max(0, ends - self.loop.now()))
  return done, why, code, not done and pid or nil
end

-- Which of these commands it does not carry out, as far as it says | nil
function agent:lacking(names)
  local info = self:call "guest-info"
  local list = type(info) == "table" and info.supported_commands
  if type(list) ~= "table" or not list[1] then return nil end
  local enabled = {}
  for _, each in ipairs(list) do
    if type(each) == "table" and type(each.name) == "string" then
      enabled[each.name] = each.enabled ~= false
    end
  end
  for _, name in ipairs(names) do
    if not enabled[name] then
      return name .. (enabled[name] == false and " is disabled" or " is unknown to it")
    end
  end
end

return agent

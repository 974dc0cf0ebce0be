-- SPDX-License-Identifier: MIT
-- The road to a guest: its agent, or ssh where the recipe has it and the agent cannot be used. An
-- agent is heard of before it is asked to run anything: what one was asked that does not answer may
-- be done later all the same, and is not to be done twice.
local defer = require "lunik.async.defer"
local errno = require "posix.errno"

-- What most machines do not need is not loaded.
local function ssh() return require "lunik.vm.guest.ssh" end

local road = {}

local PATIENCE = 10
local HEARD = 5            -- seconds for an agent that is there to answer
local GRACE = 5            -- … and to come, in a guest that answers by ssh
local RETRY = 10           -- one that is silent is tried this often
local REFUSED = 60         -- seconds until one that lets nobody in is tried again
local CLOSED, SILENT = "no agent has opened its port", "the agent does not answer"
local BY, ADVICE = ": by ssh", "; ssh {} in the recipe gives another road"
road.LEFT = "the guest's agent has closed its port: it has ended, or the guest is going down"
local NEEDS = { "guest-exec", "guest-exec-status" }

local function access(guest) return guest.plan.guest and guest.plan.guest.ssh end

-- The forward that leads to the guest's sshd | nil
function road.forward(guest)
  local found = access(guest)
  return found and guest.forward(found.forward)
end

-- What the guest can be asked by, as a message begins.
function road.names(guest)
  return guest.agent and access(guest) and "agent, ssh" or guest.agent and "agent" or "ssh"
end

-- Only a virtio port tells whether an agent has it open.
local function tells(guest) return guest.plan.guest.agent.device ~= nil end

local function is_closed(guest) return not guest.open and tells(guest) end

-- What the agent is known to refuse | nil. It is asked once a boot.
local function lacking(guest)
  if guest.lacks == nil then guest.lacks = guest.agent:lacking(NEEDS) or false end
  return guest.lacks
end

-- Remembers that the agent refuses to run programs.
function road.refused(guest)
  guest.lacks = "guest-exec is disabled"
end

-- Why no program can be run by the agent | nil
local function why_not(guest)
  if is_closed(guest) then return CLOSED end
  local now = guest.loop.now
  if guest.silent and now() < guest.silent + RETRY then return SILENT end
  local ok, why, code = guest.agent:sync(HEARD)
  if not ok and code == errno.EBUSY then return "the agent is busy with another command" end
  guest.silent = not ok and now() or nil
  if not ok then return code == errno.ETIMEDOUT and SILENT or why end
  local lacks = lacking(guest)
  return lacks and ("the agent may not run commands (%s)"):format(lacks)
end

-- Calls over:set("agent") once the agent opens its port.
local function watch_port(guest, over)
  while not guest.open do guest.changed:wait() end
  over:set "agent"
end

-- Which comes first, where there is no agent yet: "agent" or "ssh" | nil, why, errno
local function first(guest, seconds)
  local loop, over = guest.loop, guest.loop:latch()
  local tasks = { loop:spawn("ssh", function()
    local ok, why, code = guest.poller:wait(seconds)
    over:set(ok and "ssh", why, code)
  end) }
  if guest.agent and is_closed(guest) then
    tasks[2] = loop:spawn("agent", watch_port, guest, over)
  end
  local _ <close> = defer(function()
    for _, each in ipairs(tasks) do each:cancel() end
  end)
  return over:wait()
end

-- The same where the recipe has no ssh.
local function agent_alone(guest, seconds)
  if not guest.agent and access(guest) then
    return nil, ssh().cut_off(guest.plan), "unreachable"
  elseif not guest.agent then
    return nil, "the machine has no agent and no ssh: agent {} or ssh {} in its recipe gives one",
           "unreachable"
  end
  local ends = guest.loop.now() + seconds
  while is_closed(guest) do
    local left = ends - guest.loop.now()
    if guest.left then return nil, road.LEFT, "unreachable" end
    if left <= 0 then return nil, CLOSED .. ADVICE, "unreachable" end
    guest.changed:wait(left)
  end
  return "agent"
end

-- The road by which a program can be run now: "agent" or "ssh", and for ssh why not by the agent
-- that the recipe has | nil, why, code
function road.choose(guest, seconds)
  if not road.forward(guest) then return agent_alone(guest, seconds or PATIENCE) end
  local why = guest.agent and why_not(guest)
  if guest.agent and not why then return "agent" end
  local by, other, code = first(guest, seconds or PATIENCE)
  if by == "agent" then return road.choose(guest, seconds) end
  if by then return by, why and why .. BY or nil end
  return nil, why and ("%s; %s"):format(why, other) or other, code
end

-- Remembers by which road the guest was asked last; why not by its agent is told once.
function road.take(guest, by, note)
  if note and note ~= guest.note then guest.tell("note", note) end
  guest.by, guest.note = by, note
end

local DEAD = { CommandNotFound = true, unsupported = true, [errno.ETIMEDOUT] = true,
               [errno.EPIPE] = true }

-- Adds to what failed by the agent which word of a recipe gives another road.
function road.advice(guest, why, code)
  if access(guest) or not DEAD[code] then return why end
  return why .. ADVICE
end

-- Returns once the agent answers. What is sent while there is none is answered later, so it is sent
-- when the port opens, and else only now and then.
local function await_agent(guest)
  while true do
    -- a virtio port tells when its agent comes; others are tried now and then
    if not guest.open then guest.changed:wait(not tells(guest) and RETRY or nil) end
    if not is_closed(guest) and guest.agent:sync(HEARD) then
      guest.silent = nil
      return
    elseif guest.open then
      guest.silent = guest.loop.now()
      guest.changed:wait(RETRY)
    end
  end
end

-- The same for ssh. Why it lets nobody in is told once.
local function await_ssh(guest)
  local told
  while true do
    local ok, why = guest.poller:wait()
    if ok then return end
    if why ~= told then guest.tell("problem", why) end
    told = why
    guest.changed:wait(REFUSED)
  end
end

-- Returns "agent" or "ssh" once one of them answers, the agent rather; and why not by an agent that
-- the recipe has.
function road.await(guest)
  local loop, over = guest.loop, guest.loop:latch()
  local tasks = {}
  if guest.agent then
    tasks[1] = loop:spawn("agent", function() over:set("agent", await_agent(guest)) end)
  end
  if access(guest) then
    tasks[#tasks + 1] = loop:spawn("ssh", function()
      await_ssh(guest)
      if guest.agent then loop:sleep(GRACE) end
      over:set("ssh", guest.agent and (is_closed(guest) and CLOSED or SILENT) .. BY or nil)
    end)
  end
  local _ <close> = defer(function()
    for _, each in ipairs(tasks) do each:cancel() end
  end)
  return over:wait()
end

return road

-- SPDX-License-Identifier: MIT
-- The guest as its machine knows it: whether it can be spoken to (by agent, else by
-- ssh), and its boot mounts. Each time the guest boots all of it begins again.
local core = require "lunik.core"
local agent = require "lunik.guest.agent"
local mount = require "lunik.guest.mount"

-- What most machines do not need is not loaded.
local function ssh() return require "lunik.guest.ssh" end

local guest = {}
guest.__index = guest

local RETRY = 10           -- an agent on a port that tells nothing is tried this often
local SYNC = 5
local EXEC = 60
local PROBE = 10           -- how long a device may take to show up in a running guest

-- `tell(kind, text)` hears of mounts; `forward(name)` gives the forward of that name.
function guest.new(loop, plan, chan, forward, tell)
  local new = setmetatable({ loop = loop, plan = plan, forward = forward, tell = tell,
                             changed = loop:condition(), generation = 0, shares = {} }, guest)
  new.agent = chan and agent.new(loop, chan)
  for i, spec in ipairs(plan.guest and plan.guest.mounts or {}) do
    new.shares[i] = { spec = spec, state = "waiting" }
  end
  return new
end

-- The guest reset, or its agent opened or closed its port: what was known is void.
function guest:restarted(open)
  self.open = open
  self.alive = false
  self.generation = self.generation + 1
  if self.agent then self.agent:lost() end
  self.changed:fire()
end

-- Returns once the agent answers. What is sent while there is none is answered later,
-- so it is sent when the port opens, and else only now and then.
local function await_agent(self)
  while true do
    -- a virtio port tells when its agent comes; others are tried now and then
    if not self.open then self.changed:wait(not self.plan.guest.agent.device and RETRY or nil) end
    if self.agent:sync(SYNC) then return end
    self.open = false
  end
end

local function await_ssh(self)
  local access = self.plan.guest.ssh
  repeat until ssh().wait(self.loop, self.forward(access.forward), RETRY)
end

-- Runs a program in the guest: { status | signal, out, err } | nil, why
function guest:exec(argv, options)
  if self.agent then return self.agent:exec(argv, options) end
  local access = self.plan.guest and self.plan.guest.ssh
  if options and options.input then return nil, "exec: standard input needs the guest's agent" end
  if not access then return nil, "exec: the machine has no agent and no ssh" end
  return ssh().exec(self.loop, self.plan, self.forward(access.forward), argv,
                  options and options.seconds)
end

-- A device that the guest has not found yet fails like one that does not exist.
local function mount_patiently(self, spec)
  local ends, pause = self.loop.now() + PROBE, 0.1
  local function run(argv) return self:exec(argv, { seconds = EXEC }) end
  while true do
    local how, why, code = mount.perform(run, spec)
    local final = code == "CommandNotFound" or self.loop.now() >= ends
    if how or final then return how, why end
    self.loop:sleep(pause)
    pause = pause * 2
  end
end

local function by_hand(spec)
  return ("in the guest: mkdir -p %s && %s"):format(
    core.argv.shell { spec.to }, core.argv.shell(mount.argv(spec)))
end

local function mount_all(self)
  for _, share in ipairs(self.shares) do
    local spec = share.spec
    local how, why = mount_patiently(self, spec)
    share.state, share.why = how and "mounted" or "failed", why
    if how then
      self.tell("mount", ("%s is at %s in the guest"):format(spec.tag, spec.to))
    else
      self.tell("problem", ("mount %s: at %s: %s; %s"):format(spec.tag, spec.to, why,
                                                              by_hand(spec)))
    end
  end
end

local function await(self)
  if self.agent then return await_agent(self) end
  return await_ssh(self)
end

-- Mounts, unless the guest restarts meanwhile: what it was asked then gets no answer any more.
local function mount_or_leave(self, generation)
  local task = self.loop:spawn("mounts", function()
    mount_all(self)
    self.changed:fire()
  end)
  local _ <close> = setmetatable({}, { __close = function() task:cancel() end })
  while not task.finished:is_set() and self.generation == generation do self.changed:wait() end
end

-- One boot of the guest after the other: wait for it, mount, wait for the next one.
function guest:work()
  local spec = self.plan.guest or {}
  if not self.agent and not (spec.ssh and #self.shares > 0) then
    for _, share in ipairs(self.shares) do
      share.state = "by hand"
      self.tell("mount", by_hand(share.spec))
    end
    return
  end
  while true do
    await(self)
    local generation = self.generation
    mount_or_leave(self, generation)
    self.alive = self.generation == generation
    self.changed:fire()
    while self.alive do self.changed:wait() end
  end
end

-- Waits until the guest answers and its mounts have been tried: true | nil, why
function guest:wait(seconds)
  local ends = self.loop.now() + seconds
  while not self.alive do
    local ok, why, code = self.changed:wait(math.max(0, ends - self.loop.now()))
    if not ok and code then return nil, "agent: no answer: " .. why, code end
  end
  return true
end

function guest:mounts()
  local list = {}
  for i, share in ipairs(self.shares) do
    list[i] = { tag = share.spec.tag, type = share.spec.type, to = share.spec.to,
                readonly = share.spec.readonly or false, state = share.state, why = share.why }
  end
  return list
end

return guest

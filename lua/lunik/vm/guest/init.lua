-- SPDX-License-Identifier: MIT
-- The guest as its machine knows it: whether it can be spoken to (by agent, else by
-- ssh), and its boot mounts. Each time the guest boots all of it begins again.
local defer = require "lunik.async.defer"
local errno = require "posix.errno"
local unistd = require "posix.unistd"
local core = require "lunik.core"
local agent = require "lunik.vm.guest.agent"
local exec = require "lunik.vm.guest.exec"
local mount = require "lunik.vm.guest.mount"

-- What most machines do not need is not loaded.
local function ssh() return require "lunik.vm.guest.ssh" end

local guest = {}
guest.__index = guest

local RETRY = 10           -- an agent on a port that tells nothing is tried this often
local SYNC = 5
local HELD = 1.5           -- QEMU tells of one change of a port a second: the next may be held back
local EXEC = 60
local PROBE = 10           -- how long a device may take to show up in a running guest

-- What no device that is still to show up fails with.
local FINAL = { CommandNotFound = true, lost = true, [errno.EBADMSG] = true }

-- `tell(kind, text)` hears of mounts; `forward(name)` gives the forward of that name.
function guest.new(loop, plan, chan, forward, tell)
  local new = setmetatable({ loop = loop, plan = plan, forward = forward, tell = tell,
                             changed = loop:condition(), added = loop:condition(),
                             generation = 0, shares = {} }, guest)
  new.agent = chan and agent.new(loop, chan)
  return new
end

-- A share that is to be mounted at each boot from now on: { spec, state, why }
function guest:add(spec)
  local share = { spec = spec, state = self:reachable() and "waiting" or "by hand" }
  self.shares[#self.shares + 1] = share
  self.added:fire()
  return share
end

function guest:remove(share)
  share.gone = true
  for i, each in ipairs(self.shares) do
    if each == share then return table.remove(self.shares, i) end
  end
end

-- Whether it can be asked anything at all.
function guest:reachable()
  return self.agent ~= nil or self.plan.guest ~= nil and self.plan.guest.ssh ~= nil
end

-- The guest may be another: what was known is void.
function guest:restarted(open)
  self.open = open
  self.alive = false
  self.generation = self.generation + 1
  for _, share in ipairs(self:reachable() and self.shares or {}) do share.state = "waiting" end
  if self.agent then self.agent:lost() end
  self.changed:fire()
end

-- It has ended, unless it is back when QEMU can have told of that.
local function leave(self)
  local generation = self.generation
  self.loop:sleep(HELD)
  if self.generation ~= generation then return end
  self.left = true
  self.changed:fire()
end

-- The agent opened or closed its port.
function guest:port(open)
  self.left = false
  self:restarted(open)
  if not open then self.loop:spawn("agent's leaving", leave, self) end
end

-- A forward came that may lead to it.
function guest:has_forward() self.changed:fire() end

-- The guest reset: whether its agent comes back is not known yet.
function guest:reset()
  self.left = false
  self:restarted(false)
end

-- Why its agent cannot be asked anything | nil
function guest:why_silent()
  return self.agent and self.left and "the guest's agent has closed its port: it has ended, or the "
         .. "guest is going down" or nil
end

-- The guest runs on after a pause: what could not be mounted meanwhile is mounted now.
function guest:resumed()
  for _, share in ipairs(self.alive and self.shares or {}) do
    if share.state == "waiting" then return self:restarted(self.open) end
  end
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

-- A forward that somebody has removed may come back.
local function await_ssh(self)
  local access, answers = self.plan.guest.ssh, nil
  repeat
    local forward = self.forward(access.forward)
    if forward then
      answers = ssh().wait(self.loop, forward, RETRY)
    else
      self.changed:wait()
    end
  until answers
end

-- Runs a program in the guest: { status | signal, out, err } | nil, why, code
guest.exec = exec

-- Bytes that JSON cannot carry reach the agent's shell in its input.
local function by_input(script, arguments)
  local line = core.argv.shell { "set", "--", table.unpack(arguments) }
  return { "sh" }, line .. "\n" .. script
end

-- Runs a script of the guest's shell, with arguments of any bytes: as guest:exec
function guest:run_script(script, arguments, seconds)
  local argv, input = { "sh", "-c", script, "lunik", table.unpack(arguments) }, nil
  if self.agent and not utf8.len(table.concat(arguments)) then
    argv, input = by_input(script, arguments)
  end
  return self:exec(argv, { seconds = seconds, input = input })
end

local function runner(self)
  return function(script, arguments) return self:run_script(script, arguments, EXEC) end
end

-- What the guest has made is looked for on the host, and removed: true | nil, why
local function arrived(self, spec, probe)
  local ok, why, code = unistd.unlink(spec.from .. "/" .. probe)
  if ok then return true end
  if code ~= errno.ENAMETOOLONG then
    return nil, ("what the guest writes to %s does not arrive: %s"):format(spec.to, why)
  end
  self:run_script('rm -f "$1"\n', { spec.to .. "/" .. probe }, EXEC)
  return true
end

-- Mounts once, and sees it work: "mounted" or "there", what was found | nil, why, code
local function mount_once(self, spec, new)
  local probe = (".lunik-probe-%016x"):format(math.random(0))
  local how, facts, code = mount.perform(runner(self), spec, new, probe)
  if not how or not spec.from or not facts.writable then return how, facts, code end
  local ok, why = arrived(self, spec, probe)
  if not ok then return nil, why, "lost" end
  return how, facts
end

-- A device that the guest has not found yet fails like one that does not exist. One that is taken
-- from it meanwhile is waited for no longer.
local function mount_patiently(self, share, new)
  local ends, pause = self.loop.now() + PROBE, 0.005
  while true do
    local how, why, code = mount_once(self, share.spec, new)
    local final = code ~= nil and FINAL[code] or share.gone or self.loop.now() >= ends
    if how or final then return how, why end
    self.loop:sleep(pause)
    pause = pause * 2
  end
end

-- Mounts a share now: "mounted" or "there", what was found | nil, why. Told by the caller.
local function mount_share(self, share, new)
  while share.busy do self.changed:wait() end
  share.busy = true
  local _ <close> = defer(function()
    share.busy = false
    self.changed:fire()
  end)
  local how, facts = mount_patiently(self, share, new)
  share.state, share.why = how and "mounted" or "failed", not how and facts or nil
  share.facts = how and facts
  return how, facts
end

local function mount_all(self)
  for _, share in ipairs(table.move(self.shares, 1, #self.shares, 1, {})) do
    local spec = share.spec
    local how, why = mount_share(self, share)
    if how then
      self.tell("mount", ("%s is at %s in the guest"):format(spec.tag, spec.to))
      if spec.from and not why.writable and not spec.readonly then
        self.tell("problem", ("mount %s: the guest cannot write there: %s"):format(spec.tag,
                                                                                   why.why))
      end
    elseif not share.gone then
      self.tell("problem", ("mount %s: at %s: %s; %s"):format(spec.tag, spec.to, why,
                                                              mount.by_hand(spec)))
    end
  end
end

-- Mounts a share that has just come: what was found | nil, why. Where the guest cannot be asked,
-- nothing, and the command to type; where it does not answer yet it will be mounted when it does.
function guest:settle(share, seconds)
  if not self:reachable() then return nil, mount.by_hand(share.spec), "by hand" end
  if not self.alive then
    local ok, why = self:wait(seconds)
    if not ok then return nil, why, "later" end
    if share.state == "mounted" then return share.facts end
  end
  local how, facts = mount_share(self, share, true)
  if not how then return nil, facts end
  return facts
end

-- Unmounts a share wherever it is: true | nil, why, true where somebody uses it
function guest:unmount(share_spec, lazy)
  return mount.undo(runner(self), share_spec, lazy)
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
  local _ <close> = defer(function() task:cancel() end)
  while not task.finished:is_set() and self.generation == generation do self.changed:wait() end
end

-- One boot of the guest after the other: wait for it, mount, wait for the next one. What can be
-- asked only by ssh is not asked before there is something to mount.
function guest:work()
  if not self:reachable() then
    for _, share in ipairs(self.shares) do self.tell("mount", mount.by_hand(share.spec)) end
    return
  end
  while true do
    while not self.agent and #self.shares == 0 do self.added:wait() end
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

return guest

-- SPDX-License-Identifier: MIT
-- The guest as its machine knows it: whether it can be spoken to (by agent, else by
-- ssh), and its boot mounts. Each time the guest boots all of it begins again.
local defer = require "lunik.async.defer"
local errno = require "posix.errno"
local become = require "lunik.vm.guest.become"
local poller = require "lunik.vm.guest.poller"
local road = require "lunik.vm.guest.road"
local stat = require "posix.sys.stat"
local writable = require "lunik.process.writable"

local guest = {}
guest.__index = guest

-- Loaded when they are needed: many a machine has no road to its guest.
local function agent() return require "lunik.vm.guest.agent" end
local function mount() return require "lunik.vm.guest.mount" end
local function program() return require "lunik.vm.guest.program" end

local HELD = 1.5           -- QEMU tells of one change of a port a second: the next may be held back
local EXEC = 60            -- seconds that a script about mounts may take,
local SLOWER = 3           -- … and how many times a login's, where each is run by one
local PROBE = 10           -- how long a device may take to show up in a running guest

-- What no device that is still to show up fails with.
local FINAL = { CommandNotFound = true, lost = true, place = true, [errno.EBADMSG] = true }

-- `tell(kind, text)` hears of mounts; `forward(name)` gives the forward of that name.
function guest.new(loop, plan, chan, forward, tell)
  local new = setmetatable({ loop = loop, plan = plan, forward = forward, tell = tell,
                             changed = loop:condition(), added = loop:condition(),
                             generation = 0, shares = {} }, guest)
  new.agent = chan and agent().new(loop, chan)
  new.poller = poller.new(loop, plan, function() return road.forward(new) end, tell)
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
  self.open, self.heard = open, self.heard or open
  self.alive, self.by, self.note, self.silent, self.lacks = false, nil, nil, nil, nil
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
  self.poller:forget()
  self:restarted(false)
end

-- Why it cannot be asked anything, as far as is known | nil
function guest:why_silent()
  return self.left and not road.forward(self) and road.LEFT or nil
end

-- The guest is paused: it is left alone, and whoever waits for it may look why.
function guest:stopped()
  self.poller:rest(true)
  self.changed:fire()
end

-- The guest runs on after a pause: what could not be mounted meanwhile is mounted now.
function guest:resumed()
  for _, share in ipairs(self.alive and self.shares or {}) do
    if share.state == "waiting" then return self:restarted(self.open) end
  end
end

-- Runs a program in the guest (lunik.vm.guest.program): { status | signal, out, err, … } | nil, why
function guest:exec(argv, options)
  return program().run(self, argv, options or {})
end

-- Runs a script of the guest's shell, with arguments of any bytes and perhaps an input: as
-- guest:exec. One that does not end in time, or says more than is kept, has failed; what it came to
-- is the fourth result.
function guest:run_script(script, arguments, seconds, input)
  local done, why, code = self:exec({ "sh", "-c", script, "lunik", table.unpack(arguments) },
                                    { seconds = seconds, input = input })
  if not done then return nil, why, code end
  if done.late then return nil, done.late, errno.ETIMEDOUT, done end
  if done.truncated then return nil, "the guest says more than is kept", errno.EMSGSIZE, done end
  return done
end

-- The same by root, which a user who logs in by ssh has to become.
function guest:run_as_root(script, arguments, seconds, input)
  if not become.is_needed(self.plan) then
    return self:run_script(script, arguments, seconds, input)
  end
  local done, why, code, so_far = self:run_script(become.SCRIPT,
    { script, table.unpack(arguments) }, seconds, input)
  local refused = done and become.refused(self.plan, done)
  if refused then return nil, refused, "place" end
  return done, why, code, so_far
end

-- What a login has taken tells how slow the guest is.
local function runner(self)
  local seconds = EXEC + SLOWER * (self.poller.took or 0)
  return function(script, arguments) return self:run_as_root(script, arguments, seconds) end
end

-- Holds what the guest has found against the host, by the directory's inode, where a daemon hands
-- on the host's number: true | nil, why, code
local function compare(spec, facts)
  local found = mount().is_hosts(spec) and stat.stat(spec.from)
  if not found or not facts.inode or ("%d"):format(found.st_ino) == facts.inode then return true end
  return nil, ("%s is another directory in the guest than %s on the host: unmount, and mount it "
               .. "again"):format(spec.to, spec.from), "lost"
end

-- Says why what was to be writable cannot be written | nil
local function why_locked(spec, facts)
  if not spec.from or spec.readonly then return nil end
  if not writable(spec) then return "you may not write there: readonly = true" end
  return not facts.writable and "the guest may not write there: readonly = true" or nil
end

-- Mounts once, and looks at it: "mounted" or "there", what was found | nil, why, code
local function mount_once(self, spec, new)
  local how, facts, code = mount().perform(runner(self), spec, new)
  if not how then return nil, facts, code end
  local ok, why
  ok, why, code = compare(spec, facts)
  if not ok then return nil, why, code end
  facts.locked = why_locked(spec, facts)
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
  share.state, share.facts = how and "mounted" or "failed", how and facts
  if how then share.why = facts.locked else share.why = facts end
  share.note = self.note
  return how, facts
end

-- Tells of one at the line of the recipe that asks for it.
local function problem(self, spec, why)
  self.tell("problem", ("%smount %s: %s"):format(spec.at and spec.at .. ": " or "", spec.tag, why))
end

local function mount_all(self)
  for _, share in ipairs(table.move(self.shares, 1, #self.shares, 1, {})) do
    local spec = share.spec
    local how, why = mount_share(self, share)
    if how then
      self.tell("mount", ("%s is at %s in the guest"):format(spec.tag, spec.to))
      if why.locked then problem(self, spec, why.locked) end
    elseif not share.gone then
      problem(self, spec, ("at %s: %s; %s"):format(spec.to, why, mount().by_hand(spec)))
    end
  end
end

-- Mounts a share that has just come: what was found | nil, why. Where the guest cannot be asked,
-- nothing, and the command to type; where it does not answer yet it will be mounted when it does.
function guest:settle(share, seconds)
  if not self:reachable() then return nil, mount().by_hand(share.spec), "by hand" end
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
  return mount().undo(runner(self), share_spec, lazy)
end

-- Whether a share could be unmounted: true | nil, why, true where somebody uses it
function guest:is_free(share_spec)
  return mount().is_free(runner(self), share_spec)
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
    for _, share in ipairs(self.shares) do self.tell("mount", mount().by_hand(share.spec)) end
    return
  end
  while true do
    while not self.agent and #self.shares == 0 do self.added:wait() end
    road.take(self, road.await(self))
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
    if not ok and code then return nil, road.names(self) .. ": no answer: " .. why, code end
  end
  return true
end

return guest

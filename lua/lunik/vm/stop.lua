-- SPDX-License-Identifier: MIT
-- The way down: the guest is asked, then QEMU, then QEMU's process, each with its
-- time; being told again climbs to the next rung at once.
local errno = require "posix.errno"
local signal = require "lunik.system.signal"

local stop = {}

local LAST = 5                    -- seconds for the kernel to carry a SIGKILL out
local LEFT = 2                    -- seconds that are kept for the rungs after the guest's own way
local HEARD = 2                   -- seconds for an agent that is there to answer

-- A monitor that closes meanwhile is QEMU on its way out.
local function tell_qemu(vm, command)
  local ok, why, code = vm.monitor:exec(command, nil, 2)
  return ok ~= nil or code == errno.EPIPE or nil, why
end

-- Whether the guest has an agent that is there, as far as is known.
local function hears(vm)
  return vm.guest.agent and (vm.guest.alive or vm.guest.open) or false
end

-- The guest's own way: its agent, or the power button. A guest that does not run cannot hear
-- either. An agent's silence is its assent, so one has to be heard of first.
local function powerdown(vm)
  local pausing = vm:pausing()
  if pausing then vm:tell("problem", "the guest cannot be asked: " .. pausing) end
  if vm.paused or pausing then return nil, "the guest is paused" end
  if hears(vm) then
    local agent = vm.guest.agent
    if agent:sync(HEARD) and agent:shutdown() then return true end
  end
  return tell_qemu(vm, "system_powerdown")
end

-- One that a signal has stopped has to go on to hear it.
local function terminate(vm)
  local ok, why = vm.qemu:signal(signal.TERM)
  if not ok or not vm.qemu:is_stopped() then return ok, why end
  return vm.qemu:signal(require "posix.signal".SIGCONT)
end

-- The rungs: what each does, and which field of the plan says how long it has.
-- `forced` rungs take the machine from the guest; one with `again` is repeated: a guest
-- that still boots does not hear its power button.
stop.rungs = {
  { name = "powerdown", text = "asking the guest to power off", act = powerdown, again = 5 },
  { name = "quit", text = "telling QEMU to quit", forced = true,
    act = function(vm) return tell_qemu(vm, "quit") end },
  { name = "term", text = "sending QEMU SIGTERM", forced = true,
    act = terminate },
  { name = "kill", text = "sending QEMU SIGKILL", forced = true,
    act = function(vm) return vm.qemu:signal(signal.KILL) end },
}

local ladder = {}
ladder.__index = ladder

function stop.new(vm)
  return setmetatable({ vm = vm, asked = 0, again = vm.loop:condition() }, ladder)
end

local function index(name)
  for i, rung in ipairs(stop.rungs) do
    if rung.name == name then return i end
  end
  return 1
end

-- Starts going down, from a rung on, or climbs to the next one, and at least to that. All of it
-- has to be over `within` so many seconds, where somebody else kills what is left then.
function ladder:ask(reason, rung, within)
  if self.vm.how then return end           -- it has ended
  if within then self.ends = math.min(self.ends or math.huge, self.vm.loop.now() + within) end
  self.asked = self.asked + 1
  self.from = math.max(self.from or 1, index(rung))
  if self.asked > 1 then return self.again:fire() end
  self.reason = reason
  self.vm:record()
  self.task = self.vm.loop:spawn_for(self.vm.problem, "stop", self.work, self)
end

-- Until it is time to ask again, or the guest's agent has come, which hears better.
local function pause(vm, seconds)
  local ends, alone = vm.loop.now() + seconds, not hears(vm)
  while true do
    local left = ends - vm.loop.now()
    if left <= 0 or alone and hears(vm) then return end
    vm.guest.changed:wait(left)
  end
end

local function act(vm, rung, over)
  repeat
    if not rung.act(vm) then return over:set "refused" end
    if rung.again then pause(vm, rung.again) end
  until not rung.again
end

-- Whether the guest may boot yet: it could be asked, and has not been heard of.
local function boots_yet(guest)
  return guest:reachable() and not guest.heard and not guest.alive and not guest.poller.proved
end

-- How long a rung would have. Where the recipe says nothing of it, a guest that has not been heard
-- of yet is given the time to boot that it had anyway: it hears nothing before.
local function usual(vm, rung)
  local seconds = vm.plan.stop[rung.name] or LAST
  local boot = vm.plan.ready and vm.plan.ready.timeout
  if not rung.again or vm.plan.stop.strict or not boot then return seconds end
  if hears(vm) or not boots_yet(vm.guest) then return seconds end
  return math.max(seconds, vm.began + boot - vm.loop.now())
end

-- How long a rung has.
local function time_of(self, rung)
  local seconds = usual(self.vm, rung)
  if not self.ends then return seconds end
  local left = self.ends - self.vm.loop.now() - (rung.again and LEFT or 1)
  return math.max(0, math.min(seconds, left))
end

-- One rung: done at QEMU's end, at the end of its time, or when asked again, even while
-- the rung's own command is on its way.
local function stand(self, rung, seconds)
  local vm, asked = self.vm, self.asked
  local over = vm.loop:latch()
  local tasks = {
    vm.loop:spawn(rung.name, act, vm, rung, over),
    vm.loop:spawn("end", function() vm.qemu.ended:wait() over:set "ended" end),
    vm.loop:spawn("again", function()
      while self.asked == asked do self.again:wait() end
      over:set "again"
    end),
  }
  local how = over:wait(seconds)
  for _, task in ipairs(tasks) do task:cancel() end
  return how
end

-- What whoever started the machine still wants of the guest, and hooks of `stop`, come first; being
-- asked again does not wait for them, and where time is short they have half of it.
local function hooks(self)
  local vm = self.vm
  local ends = self.ends and (self.ends + vm.loop.now()) / 2
  local task = vm.loop:spawn("stop hooks", function()
    if vm.leaving then vm.leaving(vm) end
    vm.dispatch:fire("stop", vm.handle, self.reason)
    self.again:fire()
  end)
  while not task.finished:is_set() and self.asked == 1 do
    local left = ends and ends - vm.loop.now()
    if left and left <= 0 then break end
    self.again:wait(left)
  end
  task:cancel()
end

function ladder:work()
  local vm = self.vm
  local how
  hooks(self)
  for i, rung in ipairs(stop.rungs) do
    if vm.qemu.ended:is_set() then return end
    if i >= self.from and not (rung.name == "term" and vm.qemu.shielded) then
      local first = i == self.from and "told" or "late"
      if rung.forced then self.forced = self.forced or how or first end
      vm:tell("stop", rung.text)
      how = stand(self, rung, time_of(self, rung))
    end
  end
end

return stop

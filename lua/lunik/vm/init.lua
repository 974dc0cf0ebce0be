-- SPDX-License-Identifier: MIT
-- A running machine, for whoever carries it out: launch, a supervisor, the rows of its methods
-- (lunik.vm.methods). Hooks and programs are given a facade of it, `handle`. Everything that can
-- wait yields to the machine's loop.
local code = require "lunik.vm.code"
local commands = require "lunik.vm.commands"
local console = require "lunik.vm.console"
local dispatch = require "lunik.hook.dispatch"
local guard = require "lunik.process.guard"
local outcome = require "lunik.vm.outcome"
local events = require "lunik.vm.events"
local facade = require "lunik.vm.facade"
local forwards = require "lunik.vm.forwards"
local guest = require "lunik.vm.guest"
local helpers = require "lunik.vm.helpers"
local hotplug = require "lunik.hotplug"
local hotplug_context = require "lunik.vm.hotplug_context"
local methods = require "lunik.vm.methods"
local ready = require "lunik.vm.ready"
local sizes = require "lunik.vm.sizes"
local stop = require "lunik.vm.stop"
local streams = require "lunik.vm.streams"
local unfinished = require "lunik.vm.unfinished"

local vm = {}
vm.__index = vm

local DRAIN = 5            -- seconds for the hooks of events that came before the end
local RECENT = 64          -- events that are kept for those who ask later

-- Gives what a hook or an extension may know of the plan, as plain values.
local function facts_of(plan)
  local needs = plan.needs or {}
  return { name = plan.name, dir = plan.dir, memory = plan.memory,
           memory_limit = needs.grow_memory or plan.memory, cpus_limit = needs.grow_cpus,
           ports = #(plan.ports or {}), agent = plan.guest.agent ~= nil,
           ssh = plan.guest.ssh ~= nil }
end

local function new(ctx)
  local self = setmetatable({
    name = ctx.plan.name, id = ctx.id, plan = ctx.plan, loop = ctx.loop, qemu = ctx.qemu,
    sizes = { memory = ctx.plan.memory },
    helpers = ctx.helpers, monitor = ctx.monitor, bound = ctx.forwards, seen = { dead = {} },
    tasks = {}, listeners = {}, recent = {}, about = ctx.about, facts = facts_of(ctx.plan),
    teller = ctx.tell, began = ctx.began, ended = ctx.loop:latch(), ready_when = ctx.ready_when,
    is_ready = ctx.loop:latch(), is_greeted = ctx.loop:latch(), moved = ctx.loop:condition(),
    jobs = {}, jobbed = ctx.loop:condition(), lent = {}, leaving = ctx.leaving, context = ctx }, vm)
  self.handle = facade.new(self, "machine", function(row) return row.run end, self.facts)
  local function tell(kind, text) self:tell(kind, text) end
  function self.problem(text) self:tell("problem", text) end
  self.dispatch = dispatch.new(ctx.loop, ctx.hooks, self.problem)
  self.guest = guest.new(ctx.loop, ctx.plan, ctx.channels.agent,
                         function(name) return self:find_forward(name) end, tell)
  self.console = ctx.channels.console and console.new(ctx.loop, ctx.channels.console)
  if self.console and ctx.console then self.console:listen(ctx.console) end
  self.streams = streams.new { loop = ctx.loop, monitor = ctx.monitor, plan = ctx.plan,
    guest = self.guest, settled = ctx.settled,
    task = function(...) return self.loop:spawn_for(self.problem, ...) end }
  self.ladder = stop.new(self)
  self.hotplug = hotplug.new(hotplug_context.new(self, ctx.policies))
  ctx.devices = function() return self.hotplug:record() end
  return self
end

function vm:tell(kind, text)
  self.teller(kind, text)
end

-- A task that ends with the machine, which is told when it raises.
local function task(self, name, fn, ...)
  self.tasks[#self.tasks + 1] = self.loop:spawn_for(self.problem, name, fn, ...)
end

local function watch_monitor(self)
  local why = self.monitor.closed:wait()
  if self.qemu.ended:wait(2) then return end
  self:tell("problem", "monitor: " .. tostring(why) .. "; QEMU runs on, and hears only signals")
end

-- Ends the machine once QEMU has: hooks of `exit` run, then tasks and what launch started go.
local function finish(self)
  local how, value = self.qemu.ended:wait()
  for _, waiting in ipairs { self.moved, self.jobbed } do waiting:fire() end
  self.monitor.closed:wait(1)        -- QEMU's last events are on their way still
  local drained, why = self.dispatch:drain(DRAIN)
  if not drained then self:tell("problem", why) end
  self.seen.how, self.seen.value, self.seen.forced = how, value, self.ladder.forced
  self.seen.helper = self:lost_helper()
  self.how = outcome.classify(self.seen)
  self.how.status = how == "exited" and value or nil
  self.how.signal = how == "killed" and value or nil
  self.how.saved = self.how.kind == "saved" and self.seen.saved or nil
  self.how.lines = self.qemu:last_lines(10)
  self.is_ready:set(nil, "the machine has ended")
  self.dispatch:fire("exit", self.handle, require "lunik.vm.status".how(self.how))
  local closed, left = self.hotplug:close()
  if not closed then self:tell("problem", left) end
  for _, failure in ipairs(self.undo:run()) do self:tell("problem", failure) end
  self.ended:set(self.how)
  self.guest.changed:fire()
end

local function retire(self)
  for _, each in ipairs(self.tasks) do each:cancel() end
  self:end_routines()
  self:unwatch_helpers()
  if self.ladder.task then self.ladder.task:cancel() end
  if self.returning then self.returning:cancel() end
  self.dispatch:close()
  self.monitor:close()
end

-- Ends a machine that has lived as long as it may.
local function live_out(self, began)
  self.loop:sleep(math.max(0, began + self.plan.life - self.loop.now()))
  local why = ("its life of %g s is over"):format(self.plan.life)
  self.seen.outlived = why
  self:stop(why)
end

local function go(self, ctx)
  if ctx.paused then return true end
  self.paused = false                -- before its events, which may stop it again, are heard
  local ok, why = self.monitor:exec "cont"
  return ok, why and "qemu: cont: " .. why
end

-- Everything that watches a running machine; its undo is the machine's from here on.
local function live(self, ctx)
  self.guest.poller:rest(self.paused)
  if self.console then task(self, "console", self.console.work, self.console) end
  task(self, "guest", self.guest.work, self.guest)
  task(self, "streams", self.streams.work, self.streams)
  if not self.is_ready:is_set() then task(self, "ready", ready.become, self) end
  task(self, "monitor's end", watch_monitor, self)
  if self.plan.life then
    task(self, "life", live_out, self, self.loop.now() - (os.time() - self.about.began))
  end
  for _, helper in ipairs(self.helpers) do self:watch_helper(helper) end
  self:run_routines(ctx.hooks)
  self.undo = ctx.started:release()
  self.loop:spawn("life of " .. self.name, finish, self)
  return self
end

-- What comes before it runs: hooks of `started`, and mounts that were kept; or all that it was
-- when it was saved.
local function begin(self, ctx)
  local saved = ctx.plan.saved
  if saved then
    local ok, why = require "lunik.vm.restore".load(self, saved)
    ctx.paused = ctx.paused or saved.paused
    return ok, why
  end
  local ok, why = self.dispatch:fire("started", self.handle)
  if ok then self.hotplug:restore() end
  return ok, why
end

-- The machine of a context that launch has filled: hooks of `started`, then it runs.
-- Takes the context's undo over when it succeeds | nil, why
function vm.start(ctx)
  local self = new(ctx)
  ctx.started:push("tasks", function() retire(self) end)
  self.paused = true
  self.hotplug:take(ctx.plan.devices)
  events.attach(self)
  local children = guard.children(ctx.qemu, ctx.helpers)
  local ok, why, dead = guard.call(ctx.loop, children, begin, self, ctx)
  if type(dead) == "table" then why = ("%s: %s"):format(dead.name, dead:describe()) end
  if ok then sizes.begin(self) end         -- before the guest's CPUs are in QEMU's way
  if ok then ok, why = go(self, ctx) end
  ctx.doing = nil
  if ok then ok, why = ctx.intend "running" end
  return ok and live(self, ctx) or nil, why
end

-- The same for a machine that has been running without us.
function vm.resume(ctx)
  local self = new(ctx)
  ctx.started:push("tasks", function() retire(self) end)
  events.attach(self)
  local status, why = self.monitor:exec "query-status"
  if not status then return nil, why end
  self.paused, self.adopted = not status.running, true
  if ctx.ready then self.is_ready:set(true) end
  self.hotplug:take(ctx.known)
  self.guest:restarted(true)               -- its agent may be there, and have said so before
  unfinished.look(self)
  local ok, wrong = ctx.intend "running"
  if not ok then return nil, wrong end
  ctx.timeline:finish()
  live(self, ctx)
  task(self, "sizes", sizes.measure, self)
  self.hotplug:settle()
  unfinished.settle(self)
  return self
end

-- The images that the guest writes to: those of its start, and those that came.
function vm:images()
  local list = { table.unpack(self.plan.disks or {}) }
  for _, device in ipairs(self.hotplug.devices) do list[#list + 1] = device.disk end
  return list
end

-- Writes down what has changed while the machine runs. One that cannot be kept is told.
function vm:record()
  if self.how then return true end         -- its record goes, or has gone
  local ok, why = self.context.intend(self.ladder.asked > 0 and "stopping" or "running")
  if not ok then self:tell("problem", "not recorded: " .. why) end
  return ok, why
end

-- `fn(event)` hears of every event, QEMU's and lunik's own, before the hooks do. It must not wait.
function vm:listen(fn)
  self.listeners[#self.listeners + 1] = fn
end

-- Everybody who listens hears of an event.
function vm:hear(event)
  table.insert(self.recent, event)
  if #self.recent > RECENT then table.remove(self.recent, 1) end
  for _, fn in ipairs(self.listeners) do fn(event) end
end

-- Why QEMU itself does nothing, of which it cannot tell: a signal has stopped its process | nil
function vm:stopped()
  if not self.qemu:is_stopped() then return nil end
  return ("a signal has stopped QEMU; kill -CONT %d lets it run on"):format(self.qemu:pid())
end

-- Why nothing of the machine can be changed now | nil, and a code
function vm:hindered()
  local why = self:stopped()
  if self.saving then return "the machine is just being saved", "busy" end
  return why and "the machine is paused: " .. why, "unreachable"
end

-- What has paused the machine, other than somebody who may resume it: that, or a disk | nil
function vm:pausing() return self:stopped() or self.paused_by end

-- Why the guest cannot be asked anything | nil, as far as is known
function vm:why_silent()
  local cause = self:pausing()
  if cause or self.paused then
    return "the machine is paused: " .. (cause or "lunik resume " .. self.name)
  end
  return self.guest:why_silent()
end

-- Whether a guest that has reset is still on its way up, as far as is known.
function vm:is_rebooting()
  return self.returning ~= nil or self.rebooted and self.guest.agent and not self.guest.alive
    or false
end

-- True while the machine's `ready =` has held. A guest that has reset is waited for anew; one that
-- is known by its agent is ready again when that answers and its mounts have been tried.
function vm:is_now_ready()
  if self:is_rebooting() then return false end
  if self.plan.ready.kind == "agent" and self.guest.agent and not self.guest.alive then
    return false
  end
  return self.is_ready:is_set() and self.is_ready.values[1] == true
end

-- Asks the machine to stop, or, once it is stopping, climbs a rung of the ladder. `rung` names
-- the one to begin with (lunik.vm.stop has them); it is over `within` so many seconds.
function vm:stop(reason, rung, within)
  self.ladder:ask(reason or "told to stop", rung, within)
  return true
end

-- How the machine ended: { kind, text, code, status | signal, lines } | nil, why
function vm:wait(seconds)
  return self.ended:wait(seconds)
end

-- Adds a member: the functions about code, commands, helpers and forwards, and each method of a
-- row's that is no function of the machine's own, called as hooks call it.
local function include(name, fn)
  assert(vm[name] == nil, name)
  vm[name] = fn
end

for _, functions in ipairs { code, commands, helpers, forwards } do
  for name, fn in pairs(functions) do include(name, fn) end
end

methods.extend(vm, "machine")

for _, row in ipairs(methods.at "machine") do
  if vm[row.name] == nil then
    include(row.name, function(self, ...) return self.handle[row.name](self.handle, ...) end)
  end
end

return vm

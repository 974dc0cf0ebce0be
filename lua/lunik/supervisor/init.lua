-- SPDX-License-Identifier: MIT
-- The process that owns a running machine: parent of QEMU and its helpers, holder of the locks,
-- home of the recipe's hooks, server of the control socket. It is started fresh, with a snapshot,
-- by `up` over a link, by `adopt` with the machine's directory, or by systemd; it ends with its
-- machine. When it is killed the machine runs on.
local brief = require "lunik.launch.brief"
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local dirent = require "posix.dirent"
local exit = require "lunik.exit"
local launch = require "lunik.launch"
local layout = require "lunik.saved.layout"
local link = require "lunik.supervisor.link"
local log = require "lunik.supervisor.log"
local outcome = require "lunik.vm.outcome"
local printable = require "lunik.text.printable"
local reach = require "lunik.supervisor.reach"
local record = require "lunik.supervisor.record"
local signals = require "lunik.supervisor.signals"
local tidy = require "lunik.async.tidy"
local vigil = require "lunik.supervisor.vigil"

local supervisor = {}
supervisor.__index = supervisor

local HOOKS = 10           -- seconds for those of `ready`, before whoever started it is let go
local REST = 30            -- seconds for what a clone does once it is there
local STARTER = 60         -- … for whoever starts several to have them all
local AGENT = 2            -- seconds for the agent of an adopted guest to be heard of again
local LATER = 600          -- seconds that systemd gives a restored guest which is late
local STARTED = 1 << 20    -- bytes or so that starting has left
local FAST = "quit"        -- the rung for a machine that nobody has got to use yet

-- A hook may print any bytes; what carries them is JSON, and a terminal at the end.
function supervisor:tell(kind, text)
  text = printable(text, "\n\t")
  if self.log then self.log:write((kind == "problem" and "problem: " or "") .. text) end
  self.link:say(kind, text)
  if self.reach then self.reach:tell(kind, text) end
end

-- Asked to end the machine, in whatever state it is.
function supervisor:ask(why, rung)
  self:tell("stop", why)
  self.notify "STOPPING=1"
  if self.vm then return self.vm:stop(why, rung) end
  self.interrupted = why
  if self.starting then self.starting:cancel() end
end

-- Whether it is to be saved when its host goes; one that was asked already is in haste.
local function is_kept(self)
  return self.kept.plan.on_host_shutdown == "save" and self.vm and not self.putting_away
         and self.vm.ladder.asked == 0 and not self.vm.saving
end

-- The host goes, as far as is known. What cannot be saved stops.
function supervisor:leave(why)
  if not is_kept(self) then return self:ask(why) end
  self.putting_away = true
  self:tell("stop", why .. ": it is saved")
  self.notify "STOPPING=1"
  self.loop:spawn("save", function()
    local done, problem = self.vm:save(nil, { force = true })
    if done or self.vm.qemu.ended:is_set() then return end
    self:tell("problem", "it cannot be saved: " .. problem)
    self:ask(why)
  end)
end

local function is_clone(self)
  local saved = self.kept.plan.saved
  return saved and saved.fork ~= nil
end

-- Whether it belongs to whoever has the link's other end, also once it is up.
local function is_leased(self) return is_clone(self) and self.kept.plan.saved.fork.leased end

-- Until the machine is up it belongs to whoever started it: `stop` takes the wish back, and so
-- does the starter's end. One that is leased does so until it is let go.
local function watch_link(self)
  local leased = is_leased(self)
  repeat
    local said = self.link:asked()
    if leased and said == link.RELEASE then return self.link:close() end
    self:ask(said and "interrupted" or leased and "whoever had it has ended"
             or "lunik up has ended", FAST)
  until not said
end

local function leave_link(self)
  if self.watcher then self.watcher:cancel() end
  self.link:close()
end

local function status() return require "lunik.vm.status" end

-- The machine is ours: its log, its sockets, and the snapshot that an adopter will need.
local function claimed(self, ctx)
  local why, ok
  self.link:say("id", ctx.id)          -- by which whoever starts it can end it
  ctx.started:push("remember " .. ctx.plan.name, function() return self.record:over(self.vm) end)
  self.log, why = log.open(ctx.plan.state .. "/supervisor.log", not self.link.chan)
  if not self.log then return nil, why end
  ok, why = self.record:begin(ctx)
  if not ok then return nil, why end
  self.sockets, why = reach.listen(ctx)
  return self.sockets and true, why
end

local function brief_of(self)
  return brief.of_snapshot(self.kept, self.loop, { shared = true,
    tell = function(kind, text) self:tell(kind, text) end,
    claimed = function(ctx) return claimed(self, ctx) end,
    meanwhile = function() require "lunik.supervisor.ahead"(self.kept.plan.guest) end,
    clones = function(...) return require "lunik.supervisor.cloner"(...) end,
    where = self.watcher and function(...) return self.link:where(...) end, memory = self.memory,
    settled = is_clone(self) and not is_leased(self) and function() self.settled:wait() end or nil,
  }, function(text) self:tell("print", text) end)
end

-- The memory that a clone stands in, or copies, of whoever starts it: true | nil, why
local function borrow(self)
  local saved = self.kept.plan.saved
  local fork = saved and saved.fork
  if not fork or not fork.private and not fork.held then return true end
  local fds, why = self.link:borrow()
  if fds then
    self.memory = require "lunik.supervisor.template".taken(fds)
    return true
  end
  self.link:say("failed", "memory: " .. why, { code = exit.start })
  return nil, why
end

-- launch.start or launch.adopt, in a task that can be given up: vm | nil, why
local function start(self, how)
  local told, why = brief_of(self)
  if not told then return nil, why end
  self.starting = self.loop:spawn("start", how, self.kept.plan, self.loop, told)
  local ran, vm, reason, ended = self.starting:join()
  self.starting = nil
  if self.interrupted and not (ran and vm) then return nil, self.interrupted end
  if not ran then return nil, "bug: " .. tostring(vm) end
  return vm, reason, ended
end

-- Something that works as long as the machine, and is closed with it.
local function with(self, name, thing)
  local function owner(text) self:tell("problem", text) end
  local task = self.loop:spawn_for(owner, name, thing.work, thing)
  self.things[#self.things + 1] = { thing = thing, task = task }
end

-- What a running machine has besides itself.
local function accompany(self, vm)
  self.reach = reach.serve(self.loop, vm, self.sockets)
  local rotate = require "lunik.supervisor.rotate"
  local logs = rotate.new(self.loop, { tell = function(...) self:tell(...) end })
  for _, path in ipairs(self.record:logs()) do logs:add(path) end
  vm.logs = logs
  with(self, "logs", logs)
  with(self, "vigil", vigil.new(self.loop, vm, function(...) self:tell(...) end))
end

-- The console's last lines, for a guest that is not ready in time; up to the one that says why.
local function last_words(vm)
  local lines = vm.seen.sign_lines or {}
  for line in (not lines[1] and vm.console and vm.console.recent or ""):gmatch "[^\r\n]+" do
    line = require "lunik.vm.console.signs".plain(line)
    if line:find "%S" then lines[#lines + 1] = printable(line) end
  end
  return core.json.array(table.move(lines, math.max(1, #lines - 9), #lines, 1, {}))
end

local function greet(self)
  self.notify "READY=1"
  self.reach:ready()
end

-- What is late is announced once it is there. systemd, which ends what is, is asked to leave a
-- restored one alone for a while: beginning anew would bring it no nearer.
local function greet_late(self, vm, why)
  local more = vm.plan.saved and ("\nEXTEND_TIMEOUT_USEC=%d"):format(LATER * 1000000) or ""
  self.notify("STATUS=" .. printable(why) .. more)
  vm.is_greeted:wait()
  self.notify "STATUS="
  greet(self)
end

-- Nobody is told anything any more. The starter of several clones lets all of them go at once.
local function part(self, ok)
  if is_leased(self) then return self.link:hush() end
  if ok and is_clone(self) and self.link.chan then
    if self.watcher then self.watcher:cancel() end
    self.link:hush()
    self.loop:wait(self.link.chan:fd(), "r", STARTER)
  end
  leave_link(self)
  self.settled:set(true)
end

-- The starter is told how it went, and is done with us. A template's waits for its end.
local function report_ready(self, vm)
  if vm.plan.template then return end
  local ok, why = vm.adopted, nil
  if not ok then ok, why = vm.is_ready:wait() end
  if vm.adopted and vm.is_ready:is_set() and vm.guest.agent then vm.guest:wait(AGENT) end
  -- what its hooks print is for the starter
  if ok and not vm.adopted then vm.is_greeted:wait(HOOKS) end
  -- one that is to stand ready has nothing left to do
  if ok and is_leased(self) and vm.resting then vm.resting.finished:wait(REST) end
  if vm.qemu.ended:is_set() then return end
  local now = status().of(vm)
  if ok then
    greet(self)
    self.link:say("up", nil, { status = now,
      steps = core.json.array(vm.context.timeline:read()) })
  else
    local kind = vm.seen.unready or "deadline"
    self.link:say("late", vm.seen.late or why, { status = now, code = outcome.kinds[kind].code,
      lines = kind ~= "provision" and last_words(vm) or core.json.array {} })
  end
  part(self, ok)
  tidy.note(self.loop, STARTED)
  if not ok then greet_late(self, vm, why) end
end

local function over(self, how)
  self:tell("end", how.text)
  self.reach:over(how)
  self.link:say("failed", how.text, { code = how.code, lines = status().how(how).lines })
end

local function retire(self)
  if self.greeter then self.greeter:cancel() end
  leave_link(self)
  for _, each in ipairs(self.things) do
    each.task:cancel()
    each.thing:close()
  end
  if self.reach then self.reach:close() end
end

-- What clones of it start from, or it itself did, goes with the last that needs it.
local function leave_clones(self)
  local plan = self.kept.plan
  local has = plan.saved and layout.forked(layout.base(plan.saved.dir))
  for _, name in ipairs(dirent.dir(plan.state) or {}) do has = has or layout.forked(name) end
  if not has then return end
  require "lunik.supervisor.clones".leave(plan, function(text) self:tell("problem", text) end)
end

local function work(self, how)
  local vm, why, ended = start(self, how)
  if not vm then
    if self.log then
      self.log:write("problem: " .. why)
      self.log:leave()
    end
    self.link:say("failed", why, {
      code = self.interrupted and exit.killed or exit.start, ended = ended })
    return nil, why
  end
  self.vm = vm
  accompany(self, vm)
  if self.interrupted then vm:stop(self.interrupted, FAST) end
  self.greeter = self.loop:spawn("ready", report_ready, self, vm)
  how = vm:wait()
  leave_clones(self)
  over(self, how)
  return how
end

-- Runs a machine to its end in a task of `l`, in a process of its own: how it ended
-- (lunik.vm.outcome) | nil, why. options: link (lunik.supervisor.link), kept (a snapshot; else it
-- comes over the link), adopt (the machine runs already), notify(text) (what systemd is told)
function supervisor.run(l, options)
  local self = setmetatable({ loop = l, link = options.link or link.new(l), things = {},
                              kept = options.kept, notify = options.notify,
                              settled = l:latch() }, supervisor)
  tidy.enable(l)
  local _ <close> = assert(signals.open(l, function(why, host)
    if host then self:leave(why) else self:ask(why) end
  end))
  local text
  if not self.kept then
    self.kept, text = self.link:take()
    if not self.kept then return nil, text end
  end
  local ok, why = options.adopt or borrow(self), nil
  if not ok then return nil, why end
  self.record = record.new(self.kept, text)
  -- who adopts a machine has not made it: it runs on whatever becomes of them
  self.watcher = options.link and not options.adopt and l:spawn("link", watch_link, self)
  local _ <close> = defer(function() retire(self) end)
  return work(self, options.adopt and launch.adopt or launch.start)
end

return supervisor

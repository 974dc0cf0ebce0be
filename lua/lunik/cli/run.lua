-- SPDX-License-Identifier: MIT
-- `lunik run`: a machine in the foreground, its console on the terminal. It ends with
-- the machine, and the machine with it.
local arguments = require "lunik.cli.arguments"
local brief = require "lunik.launch.brief"
local clones = require "lunik.cli.clone"
local core = require "lunik.core"
local exit = require "lunik.exit"
local launch = require "lunik.launch"
local loop = require "lunik.async.loop"
local reach = require "lunik.supervisor.reach"
local signal = require "posix.signal"
local stdio = require "lunik.cli.stdio"
local terminal = require "lunik.cli.terminal"
local tidy = require "lunik.async.tidy"
local unistd = require "posix.unistd"

local run = { name = "run", summary = "start a machine in the foreground", program = true }
run.example = "lunik run vm.lua -- make test"
run.more = { "lunik run vm.lua --set memory=8G --console -- make test",
  "lunik run vm.lua --paused --no-console" }

local ESCAPE = "\x1d"                                -- Ctrl-]
local STDIN = 0

-- What ends a program politely, and what would stop or end us over a terminal or pipe.
local ASKING = { [signal.SIGINT] = "SIGINT", [signal.SIGTERM] = "SIGTERM",
                 [signal.SIGHUP] = "SIGHUP", [signal.SIGQUIT] = "SIGQUIT" }
local HEARD = { signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGPIPE,
                signal.SIGTTIN, signal.SIGTTOU, signal.SIGCONT }

function run.args(command)
  arguments.recipe(command)
  command:flag("--paused", "leave the machine paused: --set paused=true")
  command:flag("--no-console", "leave the terminal alone; the console's output is not shown")
  command:flag("--console", "with a program: show the console's output, on standard error")
  command:epilog("-- PROGRAM …: run a program in the guest with this terminal's input and output, "
    .. "then stop the machine; its exit status is this one's, 125 that of a failure of lunik's.")
end

local session = {}
session.__index = session

-- What is told where a program of the guest's has the terminal.
local LOUD = { problem = true, note = true, stop = true, template = true }

-- Prints progress; the kinds are those of launch and vm.
function session:tell(kind, text)
  local about = kind == "problem" and "problem: " or ""
  if not self.program or self.loud or LOUD[kind] and not self.over then
    self.err:write("lunik: ", about, text, "\n")
    self.err:flush()
  end
  if self.reach then self.reach:tell(kind, text) end
end

-- The first request stops the machine, or the start; each further one climbs a rung.
function session:ask(why)
  self:tell("stop", why)
  self.interrupted = why
  if self.making then return self.making:stop() end
  if self.vm then return self.vm:stop(why, nil, self.grace) end
  if self.starting then self.starting:cancel() end
end

local function typed(self, bytes)
  local at = bytes:find(ESCAPE, 1, true)
  self.vm.console:send(at and bytes:sub(1, at - 1) or bytes)
  if not at then return end
  self:ask "Ctrl-]"
  typed(self, bytes:sub(at + 1))
end

-- Puts the guest's console on the terminal, when the terminal is ours at the moment.
function session:attach()
  if self.keyboard or not self.vm or not self.vm.console or not self.interactive then return end
  if not terminal.is_ours(STDIN) then return end
  local raw, why = terminal.raw(STDIN)
  if not raw then return self:tell("problem", "terminal: " .. why) end
  self.raw = raw
  self:tell("console", "the console is on this terminal; Ctrl-] stops the machine")
  self.keyboard = self.loop:spawn("keyboard", function()
    local _ <close> = raw
    terminal.read(self.loop, STDIN, function(bytes) typed(self, bytes) end)
    self.keyboard = nil
  end)
end

-- A signal is either a request to end, or the shell giving the terminal back.
local function hear(self)
  while true do
    self.loop:wait(self.signals.fd(), "r")
    local signo = self.signals.next()
    if ASKING[signo] then
      self:ask(ASKING[signo])
    elseif signo == signal.SIGCONT then
      if self.keyboard then self.keyboard:cancel() end
      self.keyboard = nil
      self:attach()
    end
  end
end

local function describe_access(self, vm)
  for _, forward in ipairs(vm:forwards()) do
    self:tell("forward", ("forward %s: %s %s:%d to port %d of the guest"):format(forward.name,
      forward.protocol, forward.address == "" and "*" or forward.address, forward.port,
      forward.guest))
  end
  local ssh = vm:ssh_argv()
  if ssh then self:tell("ssh", core.argv.shell(ssh)) end
end

local function start(self, plan, machine, memory)
  local sockets
  local told = brief.of_machine(machine, self.loop, { tied = true, shared = true,
    shielded = self.shielded, leaving = self.leaving,
    memory = memory and memory:here(),
    tell = function(kind, text) self:tell(kind, text) end,
    claimed = function(ctx)
      local why
      sockets, why = reach.listen(ctx)
      return sockets and true, why
    end,
    console = self.console and terminal.writer(self.loop, self.console) or nil })
  self.starting = self.loop:spawn("start", launch.start, plan, self.loop, told)
  local ran, vm, why = self.starting:join()
  self.starting = nil
  if ran and vm then
    self.vm, self.reach = vm, reach.serve(self.loop, vm, sockets)
    if self.interrupted then vm:stop(self.interrupted, nil, self.grace) end
    return vm
  end
  if self.interrupted then return nil, "interrupted by " .. self.interrupted, exit.killed end
  if not ran then error(vm, 0) end
  return nil, why, exit.start
end

-- Stops a machine; one whose guest will not come up hears no power button.
local function give_up(vm, why) vm:stop(why, vm.seen.sign and "quit") end

-- A machine that nobody looks at and that is not ready in time is of no use.
local function judge(self, vm)
  local is_ready = vm.is_ready:wait()
  if is_ready then self.reach:ready() end
  if is_ready or self.keyboard or vm.qemu.ended:is_set() then return end
  give_up(vm, vm.seen.late or "not ready")
end

local function report(self, how)
  if how.code == exit.ok then
    self:tell("end", how.text)
    return exit.ok
  end
  local sign = self.vm.seen.sign
  if sign and how.kind == "killed" then return nil, sign, exit.panicked end
  local lines = how.kind == "crash" and how.lines or {}
  return nil, table.concat({ how.text, table.unpack(lines) }, "\n"), how.code
end

-- Runs the program that the machine is for, and stops it: an exit code | nil, why, exit code
local function carry_out(self, vm)
  local ready, late = vm.is_ready:wait()
  local found, why, code = nil, vm.seen.late or tostring(late), nil
  if ready then
    self.reach:ready()
    found, why, code = stdio.run(vm, self.loop, self.program, { input = true, out = self.out,
                                                                err = self.err })
  end
  self.over, self.answered = true, found ~= nil
  give_up(vm, "the program has ended")
  local how = vm:wait()
  if self.interrupted then return nil, "interrupted by " .. self.interrupted, exit.interrupted end
  if not found and how.code ~= exit.ok then return report(self, how) end
  return stdio.finish(found, why, code, { verb = "lunik run", name = vm.name, err = self.err,
    flush = function() return self.out:flush() end })
end

-- Its end is the machine's.
local function follow(self, vm)
  describe_access(self, vm)
  self:attach()
  self.loop:spawn("ready", judge, self, vm)
  return report(self, vm:wait())
end

-- A clone of the recipe's template: vm | nil, why, code
local function start_clone(self, cold, machine)
  local plan, other, list = clones.plan(self.loop, self.recipe.recipe, cold, machine, {
    set = self.recipe.set, begun = function(making) self.making = making end,
    tell = function(kind, text, name)
      self:tell(kind, name == cold.name and text or name .. ": " .. text)
    end })
  if not plan then return nil, other, self.interrupted and exit.killed or list end
  local _ <close> = list
  return start(self, plan, other, list.memory)
end

local function begin(self, plan, machine)
  local is_clone = self.recipe and clones.is_wanted(machine)
  return (is_clone and start_clone or start)(self, plan, machine)
end

local function supervise(self, plan, machine)
  local listener = self.loop:spawn("signals", hear, self)
  local vm, why, code = begin(self, plan, machine)
  local result = table.pack(nil, why, code)
  if vm then
    result = table.pack((self.program and carry_out or follow)(self, vm))
    self.reach:over(vm:wait())
    self.reach:close()
  end
  if self.keyboard then self.keyboard:cancel() end
  listener:cancel()
  return table.unpack(result, 1, 3)
end

-- Signals as a descriptor. One that is still unread when they are signals again would
-- end the program: a SIGPIPE of output that nobody wanted to read.
local function hearing()
  local signals = assert(core.signals.open(HEARD))
  local self = { fd = function() return signals:fd() end }
  function self.next() return signals:next(0) end
  return setmetatable(self, { __close = function()
    repeat until not signals:next(0)
    signals:close()
  end })
end

-- The descriptor that the console's output goes to | nil
local function console_of(args, out)
  if args.program then return args.console and unistd.STDERR_FILENO or nil end
  return not args.no_console and out:fileno() or nil
end

-- Runs a planned machine to its end: an exit code | nil, why, exit code. how: program; console, the
-- descriptor that its output goes to; interactive; and for a job (lunik.cli.job) loud, shielded,
-- leaving(vm), grace (seconds that a request to end leaves), loop; recipe = { recipe, set }, of
-- whose template it may be a clone. The last result is whether the program in the guest has
-- answered, so that the code is its own.
function run.machine(plan, machine, how, out, err)
  local signals <close> = hearing()
  local l <close> = loop.new()
  tidy.enable(l)
  local self = setmetatable({ loop = l, signals = signals, out = out, err = err }, session)
  for name, value in pairs(how) do self[name] = value end
  local code, why, failed = l:run(supervise, self, plan, machine)
  return code, why, failed, self.answered or false
end

-- A failure of lunik's is told from what a program exits with, but for a guest that will not come
-- up, and Ctrl-C.
local ITS_OWN = { [exit.panicked] = true, [exit.interrupted] = true }

function run.run(args, out, err)
  local set = arguments.paused(args.set, args.paused)
  local plan, machine, code = arguments.plan { recipe = args.recipe, set = set }
  local no_road = plan and args.program and arguments.no_road(plan)
  if no_road or not plan then
    return nil, no_road or machine, args.program and stdio.FAILED or code
  end
  local why, failed, answered
  code, why, failed, answered = run.machine(plan, machine, { program = args.program,
    console = console_of(args, out), interactive = not (args.no_console or args.program),
    recipe = { recipe = args.recipe, set = set } }, out, err)
  local is_lunik = args.program and not answered and not code and not ITS_OWN[failed]
  return code, why, is_lunik and stdio.FAILED or failed
end

return run

-- SPDX-License-Identifier: MIT
-- A program of the guest's on this terminal, with one of its own there: by its agent, else by
-- ssh. The terminal is what it was on every way out.
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local signal = require "posix.signal"
local stdio = require "lunik.cli.stdio"
local terminal = require "lunik.cli.terminal"
local unistd = require "posix.unistd"

local tty = {}

local STDIN = unistd.STDIN_FILENO
local ESCAPE = "\x1d"                                -- Ctrl-]
local ENDED = { [signal.SIGTERM] = "SIGTERM", [signal.SIGHUP] = "SIGHUP" }

local function size()
  local columns, rows = core.terminal.size(STDIN)
  return rows or 24, columns or 80
end

-- Gives the size; called again, waits until it is another.
local function sizes(self)
  local told = {}
  return function()
    local rows, columns = size()
    while rows == told.rows and columns == told.columns do
      self.resized:wait()
      rows, columns = size()
    end
    told.rows, told.columns = rows, columns
    return rows, columns
  end
end

-- What is typed; the escape key ends it.
local function typed(self)
  return function()
    self.loop:wait(STDIN, "r")
    local bytes = unistd.read(STDIN, 4096)
    local at = bytes and bytes:find(ESCAPE, 1, true)
    if at then self.over:set(nil, "hung up", exit.interrupted) end
    if at or not bytes or bytes == "" then return nil end
    return bytes
  end
end

local function hear(self)
  while true do
    self.loop:wait(self.signals:fd(), "r")
    local signo = self.signals:next(0)
    if signo == signal.SIGWINCH then self.resized:fire() end
    if ENDED[signo] then
      self.over:set(nil, "interrupted by " .. ENDED[signo], exit.interrupted)
    end
  end
end

local function run(self, vm, argv)
  local asked = table.move(argv, 1, #argv, 1, {})
  asked.terminal, asked.term = sizes(self), os.getenv "TERM"
  asked.stdin, asked.stdout = typed(self), terminal.writer(self.loop, unistd.STDOUT_FILENO)
  function asked.begun()
    local why
    self.raw, why = terminal.raw(STDIN)
    if not self.raw then error({ why = "the terminal: " .. why }, 0) end
  end
  self.over:set(stdio.result(pcall(vm.exec, vm, asked)))
end

-- Runs it by the guest's agent: a result as vm:exec has it | nil, why, code: "unsupported", there
-- is no terminal to be had so
local function by_agent(vm, loop, argv)
  local signals <close> = assert(core.signals.open { signal.SIGWINCH, signal.SIGTERM,
                                                     signal.SIGHUP })
  local self = { loop = loop, signals = signals, over = loop:latch(), resized = loop:condition() }
  local tasks = { loop:spawn("signals", hear, self), loop:spawn("program", run, self, vm, argv) }
  local found = table.pack(self.over:wait())
  for _, task in ipairs(tasks) do task:cancel() end
  if self.raw then self.raw.restore() end
  return table.unpack(found, 1, 3)
end

-- What there is to be run by ssh: its arguments, with a terminal, and `argv`, or a login | nil
local function ssh_line(vm, argv)
  local line = vm:ssh_argv()
  if not line then return nil end
  table.insert(line, 2, "-t")
  if argv then table.move({ "--", core.argv.shell(argv) }, 1, 2, #line + 1, line) end
  return line
end

-- Runs a program on this terminal: an exit code | nil, why, exit code. options: verb, as "lunik
-- exec"; login, whether ssh's own login does as well; err
function tty.run(args, argv, options)
  if unistd.isatty(STDIN) ~= 1 then
    return nil, "standard input is no terminal", exit.usage
  end
  local line, name
  local found, why, code = attached.with(args, function(vm, loop)
    name = vm.name
    local done, problem, word = by_agent(vm, loop, type(argv) == "function" and argv(vm) or argv)
    if not done and word == "unsupported" then
      line = ssh_line(vm, not options.login and argv or nil)
    end
    return done, problem, word
  end, "the program is ended in the guest")
  if line then return require "lunik.cli.ssh".become(line, attached.RUNS_ON) end
  return stdio.finish(found, why, code, { verb = options.verb, name = name, err = options.err,
                                          flush = function() return true end })
end

return tty

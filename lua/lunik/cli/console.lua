-- SPDX-License-Identifier: MIT
-- `lunik console`: a machine's console on this terminal, until the escape key. Several people may
-- do that at once.
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local errno = require "posix.errno"
local exit = require "lunik.exit"
local loop = require "lunik.async.loop"
local machines = require "lunik.supervisor.machines"
local signal = require "posix.signal"
local terminal = require "lunik.cli.terminal"
local wait = require "lunik.async.wait"

local verb = { name = "console", summary = "put a machine's console on this terminal" }
verb.example = "lunik console dev"
verb.more = { "lunik console dev --escape ^a", "lunik console dev --no-input" }

local STDIN = 0
local HEARD = { signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE, signal.SIGTTIN,
                signal.SIGTTOU, signal.SIGCONT }

function verb.args(command)
  arguments.machine(command)
  command:option("--escape", "the key that detaches, such as ^a, or none"):default "^]"
  command:flag("--no-input", "only show what the guest says")
end

-- "^]" -> its byte; "none" -> false; nil, why
local function key(text)
  if text == "none" then return false end
  local letter = text:match "^%^([@-_a-z])$"
  if letter then return string.char(letter:upper():byte() & 31) end
  return nil, ("--escape: a key such as ^] or ^a, or none, expected, got '%s'"):format(text)
end

local function connect(name)
  local chan, why, code = core.chan.connect(machines.runtime(name) .. "/attach.sock", 1)
  if chan then return chan end
  local how, record, vm = machines.look(name)
  if vm then
    vm:close()
    return nil, ("machine '%s' has no console: add console {} to its recipe"):format(name)
  end
  local absent = code == errno.ENOENT or code == errno.ECONNREFUSED
  return nil, absent and machines.advice(name, how, record) or why
end

local session = {}
session.__index = session

function session:say(text)
  self.err:write("lunik: ", text, "\n")
  self.err:flush()
end

-- Sends what is typed; the escape key ends it.
local function typed(self, bytes)
  local at = self.escape and bytes:find(self.escape, 1, true)
  local sent = at and bytes:sub(1, at - 1) or bytes
  if #sent > 0 then wait.send(self.loop, self.chan, sent, 10) end
  if at then self.over:set "detached" end
end

local function keyboard(self)
  local _ <close> = self.raw
  terminal.read(self.loop, STDIN, function(bytes) typed(self, bytes) end)
end

-- The terminal, when it is ours at the moment; a pipe is read as it is.
function session:attach()
  if self.keys then self.keys:cancel() end
  self.keys = nil
  if not self.input then return end
  if self.tty then
    if not terminal.is_ours(STDIN) then return end
    self.raw = assert(terminal.raw(STDIN))
  end
  self.keys = self.loop:spawn("keyboard", keyboard, self)
end

local function hear(self)
  while true do
    self.loop:wait(self.signals:fd(), "r")
    local signo = self.signals:next(0)
    if signo == signal.SIGCONT then
      self:attach()
    elseif signo == signal.SIGINT or signo == signal.SIGTERM or signo == signal.SIGHUP then
      self.over:set "detached"
    elseif signo == signal.SIGPIPE then
      self.over:set "closed"
    end
  end
end

local function show(self, out)
  local write = terminal.writer(self.loop, out:fileno())
  while true do
    local bytes = wait.read(self.loop, self.chan, nil, 16384)
    if not bytes then return self.over:set "the machine has ended" end
    write(bytes)
  end
end

-- Nobody answers what is typed to a machine that is paused.
local function say_paused(self, name)
  local _, _, vm = machines.look(name, self.loop)
  if not vm then return end
  if vm.found.state == "paused" then
    self:say("the machine is paused: " .. (vm.found.paused_by or "lunik resume " .. name))
  end
  vm:close()
end

local function work(self, name, out)
  local tasks = { self.loop:spawn("signals", hear, self),
                  self.loop:spawn("output", show, self, out) }
  if self.tty and self.input then
    self:say(("console of %s%s"):format(name, self.escape and
      ("; %s detaches"):format(self.shown) or ""))
  end
  if self.tty then say_paused(self, name) end
  self:attach()
  local how = self.over:wait()
  if self.keys then self.keys:cancel() end
  for _, task in ipairs(tasks) do task:cancel() end
  if self.tty and self.input or how ~= "detached" and how ~= "closed" then self:say(how) end
  return exit.ok
end

function verb.run(args, out, err)
  local escape, why = key(args.escape)
  if escape == nil then return nil, why, exit.usage end
  local name
  name, why = machines.name(args.machine)
  if not name then return nil, why end
  local chan
  chan, why = connect(name)
  if not chan then return nil, why end
  local signals <close> = assert(core.signals.open(HEARD))
  local l <close> = loop.new()
  local self = setmetatable({ loop = l, chan = chan, signals = signals, err = err, escape = escape,
    shown = args.escape:gsub("%^(.)", function(c) return "Ctrl-" .. c:upper() end),
    input = not args.no_input, tty = require "posix.unistd".isatty(STDIN) == 1,
    over = l:latch() }, session)
  return l:run(work, self, name, out)
end

return verb

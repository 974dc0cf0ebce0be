-- SPDX-License-Identifier: MIT
-- A machine that a supervisor of its own runs, over its control socket. Its methods are made from
-- the rows of lunik.vm.methods, and carried out by the supervisor. Within a task of the caller's
-- loop (lunik.loop) they yield; elsewhere they block, with deadlines.
local codes = require "lunik.codes"
local core = require "lunik.core"
local facade = require "lunik.vm.facade"
local loop = require "lunik.async.loop"
local methods = require "lunik.vm.methods"
local monitor = require "lunik.qmp.monitor"
local wire = require "lunik.control.wire"

local client = {}
client.__index = client

local PATIENCE = 30
local LONG = 8 << 20       -- bytes of an argument that a command still carries
local GREETING = 3         -- a machine that is just starting answers when it has started

-- Only some need them.
local function environment() return require "lunik.process.environment"() end
local function points() return require "lunik.hook.points" end
local function streams() return require "lunik.control.streams" end

local function call(self, fn, ...)
  if self.loop:can_wait() then return fn(self, ...) end
  return self.loop:run(fn, self, ...)
end

local function command(self, name, arguments, seconds, fds)
  return self.monitor:exec(name, arguments, seconds or PATIENCE, { fds = fds })
end

-- Runs a QMP command, QEMU's or lunik's own, as it stands, with descriptors: what it returned
-- | nil, why, class
function client:command(name, arguments, seconds, fds)
  return call(self, command, name, arguments, seconds, fds)
end

-- One that the supervisor does not know is of a version before this one.
local function too_old(self, row)
  return nil, ("the machine's supervisor is of lunik %s, which has no %s: lunik restart %s "
    .. "gives it another"):format(self.version or "0.1.0", row.wire, self.name), "unsupported"
end

-- An argument whose bytes are too many for one command: its name | nil
local function long(row, asked)
  for _, name in ipairs(row.bytes_taken) do
    if asked[name] and #asked[name] > LONG then return name end
  end
end

-- Sends what a method is asked; a long argument as a file.
local function send(self, row, asked)
  local name, limit = long(row, asked), row.waits and math.huge
  if not name then return self:command(row.wire, wire.encode(asked, row.bytes_taken), limit) end
  local rest = {}
  for key, value in pairs(asked) do rest[key] = value end
  rest[name], rest[name .. "-fd"] = nil, true
  return require "lunik.vm.guest.input".with_file(asked[name], function(fd)
    return self:command(row.wire, wire.encode(rest, row.bytes_taken), limit, { fd })
  end)
end

-- Has the supervisor carry a method out: its value, as the method's row has it | nil, why, code
function client:ask(row, asked)
  local value, why, code = send(self, row, asked)
  if value == nil and code == "CommandNotFound" then return too_old(self, row) end
  if value == nil then return nil, why, codes.word(code) end
  if row.empty then return true end
  return wire.decode(value)
end

local function until_end(self, seconds)
  local over = self.loop:latch()
  local tasks = {
    self.loop:spawn("ended", function() over:set(self.ended:wait()) end),
    self.loop:spawn("closed", function()
      self.monitor.closed:wait()
      over:set(nil, "the machine's supervisor is gone", "closed")
    end),
  }
  local how, why, code = over:wait(seconds)
  for _, task in ipairs(tasks) do task:cancel() end
  if how then return how end
  return nil, code == "closed" and why or "still running", code
end

-- The supervisor's own events that stand for a point of the recipe's.
local OWN_EVENTS = { LUNIK_READY = "ready", LUNIK_ENDED = "exit" }

local function is_heard(name)
  if points().is_event(name) or name == "event" then return true end
  for _, point in pairs(OWN_EVENTS) do
    if point == name then return true end
  end
end

-- What is no command of the socket's, or need not be asked: as the `run` of a row.
local own = {}

function own.qmp(self, asked)
  return self:command(asked.command, asked.arguments, asked.seconds)
end

function own.is_now_ready(self)
  local status, why, code = self:ask(methods.find "status", {})
  if not status then return nil, why, code end
  return status.ready
end

function own.forward(self, asked)
  local list, why, code = self:ask(methods.find "forwards", {})
  if not list then return nil, why, code end
  for _, each in ipairs(list) do
    if each.name == asked.name then return each.port end
  end
  return nil, ("no forward named '%s'"):format(asked.name), "missing"
end

-- What reaches the guest by ssh. The word for its shell is put in here: an older supervisor has no
-- answer with bytes in it.
local function ssh_argv(self, argv)
  local list, why, code = self:ask(methods.find "ssh_argv", { argv = { "true" } })
  if not list then return nil, why, code end
  list[#list] = core.argv.shell(argv)
  return list
end

-- What is half of vm:exec there (lunik.control.streams), the other half here.
local function doors(self)
  local function ask(name, asked) return self:ask(streams().find(name), asked) end
  return {
    open = function(argv, options)
      return ask("exec_open", { argv = argv, input = options.input, seconds = options.seconds,
        rows = options.rows, columns = options.columns, term = options.term })
    end,
    close = function(id) return ask("exec_close", { id = id }) end,
    leave = function(id) return ask("exec_close", { id = id, unseen = true }) end,
    resize = function(id, rows, columns)
      return ask("exec_resize", { id = id, rows = rows, columns = columns })
    end,
    signal = function(id, name) return ask("exec_signal", { id = id, signal = name }) end,
    road = function(seconds) return ask("exec_road", { seconds = seconds }) end,
    env = environment,
    ssh_argv = function(argv) return ssh_argv(self, argv) end,
    captured = function(asked) return self:ask(methods.find "exec", asked) end,
  }
end

function own.exec(self, asked)
  return call(self, function()
    return require "lunik.vm.streams.exec".run(self.loop, doors(self), asked)
  end)
end

function own.spawn(self, asked)
  return call(self, function()
    return require "lunik.vm.streams.spawn".start({
      loop = self.loop, doors = doors(self), outcome = methods.find "exec".lua,
      call = function(fn, ...)
        if self.loop:can_wait() then return fn(...) end
        return self.loop:run(fn, ...)
      end,
      outside = function() return self.loop.current == nil end }, asked)
  end)
end

-- Lends an open file to the guest for a copy (lunik.vm.copy.lend): { at, broken, close(), leave() }
-- | nil, why, code
local function lend(self, fd)
  local row = streams().find "copy_lend"
  local value, why, code = self:command(row.wire, core.json.object {}, math.huge, { fd })
  local one = value and wire.decode(value)
  if not one then return nil, why, code end
  local broken = self.loop:latch()
  local hook = { name = "LUNIK_COPY_BROKEN", fn = function(_, event)
    if event.data.id == one.id then broken:set(true) end
  end }
  table.insert(self.hooks, hook)
  local function give_back(unseen)
    for i, each in ipairs(self.hooks) do
      if each == hook then table.remove(self.hooks, i) end
    end
    return self:ask(streams().find "copy_return", { id = one.id, unseen = unseen })
  end
  return { at = one.at, broken = broken, close = give_back,
           leave = function() return give_back(true) end }
end

-- A copy is made here, too.
local function copies(name)
  return function(self, asked)
    return call(self, function()
      return require "lunik.vm.copy"[name]({
        loop = self.loop, name = self.name, doors = doors(self), env = environment(),
        mounts = function() return self:ask(methods.find "mounts", {}) end,
        lend = function(fd) return lend(self, fd) end,
        ssh_argv = function(argv) return ssh_argv(self, argv) end,
      }, asked)
    end)
  end
end

own.copy_in, own.copy_out = copies "into", copies "out"

-- The supervisor tells of the end by itself: other methods may be called meanwhile.
function own.wait(self, asked)
  local what, seconds = asked["for"] or "end", asked.seconds
  if what == "end" then return call(self, until_end, seconds) end
  local value, why, code = self:command("lunik-wait", { ["for"] = what, seconds = seconds },
                                        seconds and seconds + PATIENCE or math.huge)
  return value and true, why, code
end

function own.on(self, asked)
  if not is_heard(asked.name) then
    return nil, ("hooks of '%s' are heard only where the machine is run"):format(asked.name),
           "unsupported"
  end
  self.hooks[#self.hooks + 1] = asked
  return true
end

function own.sleep(self, asked)
  call(self, function() self.loop:sleep(asked.seconds) end)
  return true
end

function own.now(self) return self.loop.now() end

-- A clone of a pool that is held by its link goes with it.
function own.close(self)
  self.monitor:close()
  if self.lease then self.lease:close() end
  return true
end

local function act(row)
  return own[row.name] or function(self, asked) return self:ask(row, asked) end
end

local function hear(self, event)
  local shown, point = points().event(event), OWN_EVENTS[event.event]
  for _, each in ipairs(self.hooks) do
    if each.name == event.event or each.name == "event" then
      each.fn(self.handle, shown)
    elseif each.name == point then
      each.fn(self.handle, point == "exit" and event.data or nil)
    end
  end
  if event.event == "LUNIK_ENDED" then self.ended:set(event.data) end
end

local function open(self, path)
  local chan, why, code = core.chan.connect(path, 1)
  if not chan then return nil, why, code end
  self.monitor, why, code = monitor.open(self.loop, chan)
  if not self.monitor then return nil, why, code end
  self.monitor:on_event(function(event) hear(self, event) end)
  local status
  status, why, code = self.monitor:exec("lunik-status", nil, GREETING)
  if not status then
    self.monitor:close()
    return nil, why, code
  end
  self.found, self.version, self.facts = status, status.version, status.facts or {}
  self.handle = facade.new(self, "attached", act, self.facts, function() own.close(self) end)
  return self
end

-- Attaches to the machine whose control socket is at `path`; `found` is its status at that moment.
-- `within` is the caller's loop.
-- nil, why, errno: ECONNREFUSED is a supervisor that is gone, ENOENT a machine that is.
function client.open(name, path, within)
  local self = setmetatable({ name = name, loop = within or loop.new(), hooks = {} }, client)
  self.ended = self.loop:latch()
  return call(self, open, path)
end

client.__close = own.close

methods.extend(client, "attached")

for _, row in ipairs(methods.at "attached") do
  client[row.name] = function(self, ...) return self.handle[row.name](self.handle, ...) end
end

return client

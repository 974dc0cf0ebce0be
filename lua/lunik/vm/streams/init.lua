-- SPDX-License-Identifier: MIT
-- Programs that run in the guest with streams: output, errors and input by channels of their own,
-- in any size. Here they are started and ended; who runs one follows it (lunik.vm.streams.follow)
-- and says when it has seen its end. Then its channels rest until the guest's shell is gone, and
-- linger for as long as the program has left somebody behind that may still print.
local channels = require "lunik.vm.streams.channels"
local errno = require "posix.errno"
local opened = require "lunik.async.opened"
local turn = require "lunik.async.turn"

local streams = {}
streams.__index = streams

local REST = 1             -- seconds until what rests is looked at without need
local READY = 3            -- channels that a guest has before anybody asks
local PATIENCE = 5

-- Most machines run no such program: what follows one is loaded when there is one.
local function ending() return require "lunik.vm.streams.ending" end
local function follow() return require "lunik.vm.streams.follow" end
local function program() return require "lunik.vm.guest.program" end
local function terminal() return require "lunik.vm.streams.terminal" end

-- `context`: loop, monitor, plan, guest; settled(), which waits until it is time for what can wait;
-- task(name, fn, …), which starts one
function streams.new(context)
  return setmetatable({ context = context, loop = context.loop, guest = context.guest,
    channels = channels.new(context), running = {}, resting = {}, lingering = {},
    rested = context.loop:condition(), turn = turn(context.loop) }, streams)
end

-- An agent that does not answer is not asked again by everybody who comes (lunik.vm.guest.road).
function streams:call(command, arguments)
  local answer, why, code = self.guest.agent:call(command, arguments, PATIENCE)
  if code == errno.ETIMEDOUT then self.guest.silent = self.loop.now() end
  return answer, why, code
end

local function remove(list, one)
  for i, each in ipairs(list) do
    if each == one then return table.remove(list, i) end
  end
end

-- How the guest's shell has ended, which the agent tells once: its state | false | nil, why
local function ended(self, one)
  if one.state then return one.state end
  local state, why = self:call("guest-exec-status", { pid = one.pid })
  if one.state then return one.state end
  if not state then return nil, why end
  one.state = state.exited and state or nil
  return one.state or false
end

-- Nobody has anything to do with it any more. `broken`: its channels are of no use to anybody.
local function forget(self, one, broken)
  if one.forgotten then return end
  one.forgotten = true
  self.running[one.id] = nil
  remove(self.resting, one)
  remove(self.lingering, one)
  for _, reader in ipairs(one.readers or {}) do reader:cancel() end
  if broken then return self.channels:drop(one.channels) end
  self.channels:give(one.channels)
end

-- Whoever follows it is told by the end of its connection, and asks why.
local function break_off(self, one, why, code)
  one.why, one.code = why, code
  one.over:set(true)
  if self.running[one.id] then
    local list = one.channels
    one.channels = {}
    self.channels:drop(list)
  else
    forget(self, one, true)
  end
end

-- Reads and drops what the guest still prints.
local function drain(self, one)
  if one.readers then return end
  one.readers = {}
  for i = 1, 2 do
    one.readers[i] = self.context.task("drain", follow().drain, self.loop, one.channels[i].path)
  end
end

-- Gives the channels of what has rested longest to whoever comes next, once the shell is gone.
local function reclaim(self)
  local one = self.resting[1]
  if not one then return false end
  local state, why = ended(self, one)
  if state == false then return false end
  forget(self, one, why ~= nil)
  return true
end

-- One taker at a time: two that each have a part of the last channels have nothing.
local function take(self, count)
  local _ <close> = self.turn()
  while #self.channels.free < count and reclaim(self) do end
  local list, why, code = self.channels:take(count)
  while not list and self.lingering[1] do
    forget(self, self.lingering[1], true)
    list, why, code = self.channels:take(count)
  end
  return list, why, code
end

-- What rests is looked at a while later, if nobody has done so before.
function streams:work()
  if not self.guest.agent then return end
  while not self.guest.alive do self.guest.changed:wait() end
  self.context.settled()
  self.channels:prepare(READY)
  while true do
    while not self.resting[1] do self.rested:wait() end
    local one = self.resting[1]
    self.loop:sleep(REST)
    if one == self.resting[1] and not reclaim(self) then
      table.insert(self.lingering, table.remove(self.resting, 1))
      drain(self, one)
    end
  end
end

local function finish(self, one)
  if ending().finish(self.guest, one) then return end
  break_off(self, one, "the program does not end in the guest", "timeout")
end

local function limit(self, one, seconds)
  if one.over:wait(seconds) then return end
  one.late = true
  finish(self, one)
end

-- A program that is to be run with these channels: a row of `running` once it is.
function streams:new_one(list, owner)
  return { id = ("%016x%016x"):format(math.random(0), math.random(0)), channels = list,
           owner = owner, over = self.loop:latch() }
end

-- The same for one on a terminal.
local function begin_terminal(self, argv, options)
  local one, why = terminal().begin(self, argv, options)
  if not one then return nil, why, "unsupported" end
  return { id = one.id, terminal = one.channels[1].path }
end

local function begin(self, argv, options)
  if options.rows then return begin_terminal(self, argv, options) end
  local list, why = take(self, options.input and 3 or 2)
  if not list then return nil, why, "unsupported" end
  local one = self:new_one(list, options.owner)
  local ok
  ok, why = require "lunik.vm.streams.pipes".start(self, one, argv)
  if not ok then
    self.channels:drop(list)           -- the shell may have been started, and will open nothing
    return nil, why, "unsupported"
  end
  self.running[one.id] = one
  if options.seconds then
    self.context.task("limit of a program", limit, self, one, options.seconds)
  end
  return { id = one.id, out = list[1].path, err = list[2].path, input = list[3] and list[3].path }
end

-- Why nothing can be started so | nil; a code
local function unusable(self, argv)
  local guest = self.guest
  if not guest.agent then return "the machine has no agent", "unsupported" end
  if self.channels.withdrawn or not guest.alive or guest.by ~= "agent" or guest.lacks
     or guest.silent or guest.left then
    return "the guest's agent runs nothing now", "unsupported"
  end
  return program().wrong(argv), "invalid"
end

-- Starts a program: { id, out, err, input } or { id, terminal }, sockets to connect to | nil, why,
-- code: whatever the code, nothing was run. options: input (whether it has any), seconds; or rows,
-- columns, term: it gets a terminal; owner. One that nobody waits for any more once it is started
-- is left.
function streams:open(argv, options)
  local why_not, word = unusable(self, argv)
  if why_not then return nil, why_not, word end
  return opened(self.context.task, "start of a program",
    function() return begin(self, argv, options) end, function(one) self:leave(one.id) end)
end

-- Whoever followed a program has seen its end, or the end of its connections: { late } | nil, why,
-- code: why it had none
function streams:close(id)
  local one = self.running[id]
  if not one then return nil, "no such program is followed", "missing" end
  one.over:set(true)
  if one.why or one.terminal then
    forget(self, one, true)
    return one.why == nil and { late = false } or nil, one.why, one.code
  end
  self.running[id] = nil
  table.insert(self.resting, one)
  self.rested:fire()
  return { late = one.late or false }
end

-- Whoever followed a program is gone: it is ended, and what it still prints is dropped.
function streams:leave(id)
  local one = self.running[id]
  if not one then return end
  self.running[id] = nil
  if one.why or one.terminal then return forget(self, one, true) end
  table.insert(self.lingering, one)
  one.unwanted = true
  drain(self, one)
  self.context.task("end of a program", finish, self, one)
end

-- The window of a program's terminal has another size: true | nil, why, code
function streams:resize(id, rows, columns)
  local one = self.running[id]
  if not one or not one.terminal then return nil, "no such terminal", "missing" end
  return terminal().resize(self, one, rows, columns)
end

-- Sends a signal to all that a program has started: true | nil, why, code
function streams:signal(id, name)
  local one = self.running[id]
  if not one then return nil, "no such program is followed", "missing" end
  return ending().signal(self.guest, one, name)
end

-- Takes all channels away until `allow`: true | nil, why, code: programs have some.
function streams:withdraw()
  if next(self.running) then return nil, "a program is just run in the guest", "busy" end
  self.resting, self.lingering = {}, {}
  self.channels:withdraw()
  return true
end
function streams:allow() self.channels:allow() end

-- The same as leave for all that somebody had opened.
function streams:abandon(owner)
  for id, one in pairs(self.running) do
    if one.owner == owner then self:leave(id) end
  end
end

local UNOPENED = "the guest could not open its channels"

-- The guest has closed a channel: when its shell is gone, nobody can write there any more.
local function closed(self, one)
  local state, why = ended(self, one)
  if state == false then return end
  if not self.running[one.id] then
    one.over:set(true)
    return forget(self, one, why ~= nil)
  end
  if why then return break_off(self, one, why, "closed") end
  if state.exitcode == require "lunik.vm.streams.relay".UNOPENED then
    return break_off(self, one, UNOPENED, "unsupported")
  elseif state.exitcode ~= 0 then
    return break_off(self, one, "the guest's shell was ended", "closed")
  end
end

local function each(self, fn)
  local list = table.move(self.resting, 1, #self.resting, 1, {})
  table.move(self.lingering, 1, #self.lingering, #list + 1, list)
  for _, one in pairs(self.running) do list[#list + 1] = one end
  for _, one in ipairs(list) do fn(one) end
end

-- Hears of every event of QEMU. True of those that are about nothing but channels.
function streams:hear(event)
  local data = type(event.data) == "table" and event.data or {}
  local id = data.id or data.device
  if event.event == "RESET" then
    each(self, function(one) break_off(self, one, "the guest restarted", "failed") end)
  elseif event.event == "VSERPORT_CHANGE" and data.open == false then
    each(self, function(one)
      for _, channel in ipairs(one.channels) do
        if channel.id == id then self.context.task("streams", closed, self, one) end
      end
    end)
  end
  return channels.is_one(id or data.path)
end

return streams

-- SPDX-License-Identifier: MIT
-- Channels into the guest: virtio serial ports beside the agent's, 31 to a bus (`max_ports`), each
-- with a socket for whoever runs a program there. They are plugged when they are wanted, and kept
-- for the next one.
local core = require "lunik.core"
local errno = require "posix.errno"
local unistd = require "posix.unistd"
local turn = require "lunik.async.turn"

local channels = {}
channels.__index = channels

local PATIENCE = 5         -- seconds for a command of QEMU's, and for the guest to show a channel
local SOONEST = 0.005

-- `context`: loop, monitor, plan, guest (lunik.vm.guest), task(name, fn, …)
function channels.new(context)
  return setmetatable({ context = context, free = {}, last = 0, turn = turn(context.loop) },
                      channels)
end

-- What the guest has of it: a device that opens once, or a terminal.
local DRIVERS = { exec = "virtserialport", tty = "virtconsole" }

-- Whether a device of QEMU's, by its id or its path, is a channel.
function channels.is_one(name)
  local last = type(name) == "string" and name:match "[^/]*$" or ""
  return DRIVERS[last:match "^lunik%-(%l+)%-%d+$"] ~= nil
end

local function qmp(self, command, arguments, options)
  return self.context.monitor:exec(command, arguments, PATIENCE, options)
end

local function backend(id)
  return { type = "socket", data = { server = true, wait = false,
                                     addr = { type = "fd", data = { str = id } } } }
end

-- Hands QEMU the listening socket, and has it made a channel: true | nil, why, class
local function attach(self, channel, listening)
  local id = channel.id
  local ok, why, code = qmp(self, "getfd", { fdname = id }, { fds = { listening:fd() } })
  if not ok then return nil, why, code end
  ok, why, code = qmp(self, "chardev-add", { id = id, backend = backend(id) })
  if not ok then return nil, why, code end
  ok, why, code = qmp(self, "device_add", { driver = DRIVERS[channel.kind], id = id, chardev = id,
                                            name = channel.name })
  if not ok then qmp(self, "chardev-remove", { id = id }) end
  return ok, why, code
end

local function is_busy(ok, why)
  return not ok and tostring(why):find "is busy" ~= nil
end

-- QEMU lets go of a chardev a moment after its device, and tells nobody.
local function unplug(self, id)
  qmp(self, "yank", { instances = core.json.array { { type = "chardev", id = id } } })
  qmp(self, "device_del", { id = id })
  local pause = SOONEST
  while is_busy(qmp(self, "chardev-remove", { id = id })) and pause < PATIENCE do
    self.context.loop:sleep(pause)
    pause = pause * 2
  end
end

-- Takes away all that QEMU has.
local function sweep(self)
  for _, chardev in ipairs(qmp(self, "query-chardev") or {}) do
    local label = type(chardev) == "table" and chardev.label
    local number = type(label) == "string" and label:match "^lunik%-%l+%-(%d+)$"
    if number then
      unplug(self, label)
      self.last = math.max(self.last, math.tointeger(number))
    end
  end
end

-- Takes away those of a supervisor before this one; everybody waits for that.
local function clear(self)
  if self.cleared then return self.cleared:wait() end
  self.cleared = self.context.loop:latch()
  sweep(self)
  self.cleared:set(true)
end

-- One more, of a kind: "exec" or "tty" | nil, why, code
function channels:plug(kind)
  local _ <close> = self.turn()
  if self.withdrawn then return nil, "no channel into the guest: none is to be there", "busy" end
  clear(self)
  self.last = self.last + 1
  local channel = { kind = kind, id = ("lunik-%s-%d"):format(kind, self.last),
                    name = ("lunik.%s.%d"):format(kind, self.last),
                    path = ("%s/%s-%d.sock"):format(self.context.plan.runtime, kind, self.last) }
  unistd.unlink(channel.path)
  local listening <close>, why, code = core.chan.listen(channel.path)
  local ok = listening ~= nil
  if ok then ok, why, code = attach(self, channel, listening) end
  if ok then return channel end
  unistd.unlink(channel.path)
  return nil, "no channel into the guest: " .. tostring(why), code
end

-- Has so many, before anybody asks.
function channels:prepare(count)
  for _ = 1, count do
    local channel = self:plug "exec"
    if not channel then return end
    table.insert(self.free, channel)
  end
end

-- The devices by which the guest has them now: name to path
local function nodes(self, seconds)
  local script = require "lunik.vm.streams.relay".NODES
  local done, why, code = self.context.guest.agent:exec({ "sh", "-c", script },
                                                        { seconds = seconds })
  if not done then return nil, why, code end
  local found = {}
  for name, node in done.out:gmatch "(lunik%.exec%.%d+) (/dev/vport%d+p%d+)\n" do
    found[name] = node
  end
  return found
end

local function are_known(self, list)
  for _, channel in ipairs(list) do
    if not channel.node or channel.generation ~= self.context.guest.generation then return false end
  end
  return true
end

-- Takes in what the guest has shown, of those that nobody has wanted yet, too: to ask costs a
-- program there.
local function learn(self, list, found)
  for _, each in ipairs { list, self.free } do
    for _, channel in ipairs(each) do
      channel.node, channel.generation = found[channel.name], self.context.guest.generation
    end
  end
  return are_known(self, list)
end

-- Learns where the guest has them: true | nil, why, code
local function resolve(self, list)
  if are_known(self, list) then return true end
  local loop = self.context.loop
  local ends, pause = loop.now() + PATIENCE, SOONEST
  while true do
    local found, why, code = nodes(self, ends - loop.now())
    if not found then return nil, why, code end
    if learn(self, list, found) then return true end
    if loop.now() >= ends then
      return nil, "the guest does not show its channels", errno.ETIMEDOUT
    end
    loop:sleep(pause)
    pause = pause * 2
  end
end

-- Gives them back, for whoever comes next.
function channels:give(list)
  if self.withdrawn then return self:drop(list) end
  table.move(list, 1, #list, #self.free + 1, self.free)
end

-- Takes so many, the longest unused first, which the guest has: a list | nil, why, code
function channels:take(count)
  local list, ok, why, code = {}, true, nil, nil
  while ok and #list < count do
    ok = table.remove(self.free, 1)
    if not ok then ok, why, code = self:plug "exec" end
    table.insert(list, ok)
  end
  if ok then ok, why, code = resolve(self, list) end
  if ok then return list end
  self:give(list)
  return nil, why, code
end

-- Takes all of them away, which nobody uses, and the one that is just plugged; none comes until
-- `allow`.
function channels:withdraw()
  self.withdrawn = true
  local _ <close> = self.turn()
  for _, channel in ipairs(self.free) do unistd.unlink(channel.path) end
  self.free = {}
  sweep(self)
end

function channels:allow() self.withdrawn = nil end

-- Takes them from the guest, whatever sleeps on them there: connections to them end. Nobody waits.
function channels:drop(list)
  self.context.task("channels go", function()
    for _, channel in ipairs(list) do
      unistd.unlink(channel.path)
      unplug(self, channel.id)
    end
  end)
end

return channels

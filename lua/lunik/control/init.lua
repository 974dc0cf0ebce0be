-- SPDX-License-Identifier: MIT
-- A machine's control socket: it speaks QMP to several clients at once. Commands that begin
-- with `lunik-` are answered here (lunik.control.commands), all others by QEMU; events reach
-- everybody, QEMU's and lunik's own.
local commands = require "lunik.control.commands"
local events = require "lunik.vm.events"
local pool = require "lunik.control.pool"
local protocol = require "lunik.control.protocol"
local session = require "lunik.control.session"
local turn = require "lunik.async.turn"
local wait = require "lunik.async.wait"

local control = {}
control.__index = control

local CLIENTS = 64
local GOING = 16 << 20     -- bytes that all clients together have not read yet
local COMING = 32 << 20    -- bytes of all their commands that have not been answered yet
local FAREWELL = 1         -- seconds in which clients can still read how it ended

-- A turn of clients', of which one that is over gets nothing.
local function turns(loop)
  local take = turn(loop)
  return function(client)
    return take(function() return client.over:is_set() and 0 or nil end)
  end
end

local function problem(self, text)
  if self.vm then self.vm:tell("problem", text) end
end

-- Serves on a listening channel. Clients are greeted once there is a vm.
function control.new(loop, listening)
  local self = setmetatable({ loop = loop, listening = listening, sessions = {}, count = 0,
                              greeting = loop:latch() }, control)
  self.handed = {
    greeting = self.greeting,
    coming = pool.new(COMING), going = pool.new(GOING), long = turns(loop),
    pass = function(request, done, client) self:pass(request, done, client) end,
    left = function(client) if self.vm then self.vm:abandon(client) end end,
    run = function(request, client) return commands.run(self.vm, request, client) end,
    broken = function(why) problem(self, "bug: " .. why) end,
    lost = function(count)
      return protocol.event(events.own("LUNIK_EVENTS_LOST", { count = count }))
    end,
  }
  self.acceptor = loop:spawn_for(function(text) problem(self, text) end, "control", self.work,
                                 self)
  return self
end

-- The machine that the commands are about.
function control:serve(vm)
  self.vm = vm
  vm:listen(function(event) self:hear(event) end)
  self.greeting:set(vm.monitor.qmp:greeting())
end

-- Everybody hears of an event.
function control:hear(event)
  local text = protocol.event(event)
  for each in pairs(self.sessions) do each:event(text) end
end

local function with_own(list)
  for _, row in ipairs(commands.rows) do list[#list + 1] = { name = row.wire } end
  return list
end

function control:pass(request, done, client)
  if request.name == "query-commands" then
    local answer = done
    done = function(list, ...) answer(list and with_own(list), ...) end
  end
  self.vm:pass(request.name, request.arguments, done, client)
end

-- One too many is told so in the place of a greeting.
local function turn_away(chan)
  chan:send(protocol.refusal(nil, "busy",
    ("the control socket has %d clients, and takes no more"):format(CLIENTS)), 0)
  chan:close()
end

local function welcome(self, chan)
  if self.count >= CLIENTS then return turn_away(chan) end
  local client = session.new(self.loop, chan, self.handed)
  self.sessions[client] = true
  self.count = self.count + 1
  self.loop:spawn("end of a client", function()
    client.over:wait()
    client:close()
    if client.is_cut then
      problem(self, "a client of the control socket is cut off: it sends, or leaves unread, "
                    .. "too much")
    end
    if self.sessions[client] then self.count = self.count - 1 end
    self.sessions[client] = nil
  end)
end

function control:work()
  wait.clients(self.loop, self.listening, function(chan) welcome(self, chan) end)
end

-- Says goodbye: clients get what was to be said to them, as far as they read it.
function control:close()
  self.acceptor:cancel()
  for each in pairs(self.sessions) do each:drain(FAREWELL) end
  for each in pairs(self.sessions) do each:close() end
  self.sessions = {}
  self.listening:close()
end

return control

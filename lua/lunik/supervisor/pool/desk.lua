-- SPDX-License-Identifier: MIT
-- Where a pool is asked: its socket, whoever waits for a clone, in the order in which they came,
-- and what they are answered.
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local mode = require "lunik.system.mode"
local unistd = require "posix.unistd"
local wait = require "lunik.async.wait"
local wire = require "lunik.supervisor.pool.wire"

local desk = {}
desk.__index = desk

local CLIENTS = 256        -- at once; more stay in the backlog of the socket
local FULL = "busy"

-- Listens at `path`: a desk | nil, why. pool: what is asked (lunik.supervisor.pool.keeper)
function desk.open(loop, path, pool)
  unistd.unlink(path)                  -- who has the lock knows that it is stale
  local listening, why = core.chan.listen(path, { mode = mode.file, backlog = CLIENTS })
  if not listening then return nil, why end
  return setmetatable({ loop = loop, listening = listening, pool = pool, clients = 0, line = {} },
                      desk)
end

-- How many wait for a clone.
function desk:waiting() return #self.line end

local function leave(self, client)
  for i, each in ipairs(self.line) do
    if each == client then table.remove(self.line, i) end
  end
end

-- Hands a clone to a client: nil where it is of no use to that one. It is written down first; what
-- has been handed to nobody has no end of its link left, and ends.
local function hand(self, client, one)
  local ok, why = self.pool:claim(one, client.keep)
  if not ok then return wire.answer(client.chan, { why = why }) end
  ok = wire.answer(client.chan, { name = one.name }, one:fd())
  one:let_go()
  return ok
end

-- A clone stands, or may: whoever has waited longest gets it.
function desk:serve()
  while self.line[1] do
    local one = self.pool:next()
    if not one then return end
    local client = table.remove(self.line, 1)
    hand(self, client, one)
    client.over:set()
  end
end

-- Waits for its turn, or until the client has left, or there is no pool any more.
local function stand_in_line(self, client)
  client.over = self.loop:latch()
  self.line[#self.line + 1] = client
  local watcher = self.loop:spawn("client", function()
    self.loop:wait(client.chan:fd(), "r")
    client.over:set()
  end)
  local _ <close> = defer(function()
    watcher:cancel()
    leave(self, client)
  end)
  self.pool:want()
  client.over:wait()
end

local answers = {}

function answers.status(self, client)
  wire.answer(client.chan, { status = self.pool:status() })
end

function answers.claim(self, client, asked)
  if self.pool.stopping then return wire.answer(client.chan, { why = self.pool.stopping }) end
  client.keep = asked.keep
  local one = #self.line == 0 and self.pool:next()
  if one then return hand(self, client, one) end
  if asked.wait == false then
    return wire.answer(client.chan, { code = FULL, why = self.pool:lack() })
  end
  stand_in_line(self, client)
end

function answers.stop(self, client)
  self.pool:stop "lunik pool --stop"
  wire.answer(client.chan, { left = self.pool.gone:wait() })
end

local function attend(self, chan)
  local _ <close> = chan
  local asked = wire.request(self.loop, chan)
  local answer = asked and answers[asked.ask]
  if answer then return answer(self, { chan = chan }, asked) end
  wire.answer(chan, { why = "a pool is asked for status, claim or stop", code = "invalid" })
end

-- A task's work.
function desk:work()
  wait.clients(self.loop, self.listening, function(chan)
    if self.clients >= CLIENTS then
      wire.answer(chan, { code = FULL, why = ("the pool has %d clients, and takes no more"):format(
        CLIENTS) })
      return chan:close()
    end
    self.clients = self.clients + 1
    self.loop:spawn_for(function(text) self.pool:tell("problem", text) end, "client", function()
      local _ <close> = defer(function() self.clients = self.clients - 1 end)
      attend(self, chan)
    end)
  end)
end

-- Nobody waits any more: why is said.
function desk:dismiss(why)
  for _, client in ipairs(table.move(self.line, 1, #self.line, 1, {})) do
    wire.answer(client.chan, { why = why })
    client.over:set()
  end
end

function desk:close() self.listening:close() end

return desk

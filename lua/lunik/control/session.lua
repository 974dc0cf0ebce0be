-- SPDX-License-Identifier: MIT
-- One client of the control socket. Its commands are carried out in the order in which they
-- came, and answered in it: those for QEMU are on their way together, one of lunik's own waits
-- for those before it. Every queue is bounded, so that a client that does not read, or sends
-- faster than it is answered, costs nobody else anything.
local core = require "lunik.core"
local protocol = require "lunik.control.protocol"
local tidy = require "lunik.async.tidy"
local unistd = require "posix.unistd"
local wait = require "lunik.async.wait"

local session = {}
session.__index = session

local WINDOW = 6               -- commands of one client on their way to QEMU
local REQUEST = 16 << 20       -- bytes of one command
local ANSWERS = 4 << 20        -- bytes not yet read by the client: no further command is taken
local EVENTS = 1 << 20         -- bytes not yet read: further events are counted, not sent
local EACH = 256               -- bytes that a text takes besides its own
local PIECE = 16384            -- a unix socket that is writable has room for more than this

session.STALLED = 5            -- seconds in which a client that is sent a long answer takes nothing

-- `server` has greeting (a latch), pass(request, done, session), left(session), after which what
-- it passed and was not sent is dropped, run(request, session), and for all clients
-- together the pools `coming` and `going`, and `long`, a turn for answers that the pool has no room
-- for.
function session.new(loop, chan, server)
  local self = setmetatable({ loop = loop, chan = chan, server = server, requests = {},
    first = 1, last = 0, flying = 0, out = {}, next_out = 1, last_out = 0, unsent = 0, owed = 0,
    taken = 0, lost = 0, more = loop:condition(),
    room = loop:condition(), output = loop:condition(), over = loop:latch(),
    splitter = core.json.splitter { size = REQUEST } }, session)
  self.tasks = { self:task("read"), self:task("work"), self:task("write") }
  return self
end

-- A task whose failure costs this client its connection, and nobody else anything.
function session:task(name)
  return self.loop:spawn("client: " .. name, function()
    local ok, why = xpcall(self[name], debug.traceback, self)
    if ok then return end
    self.server.broken(why)
    self:finish()
  end)
end

-- What it has in the pools now.
local function settle_pools(self)
  local over = self.over:is_set()
  self.server.coming:set(self, over and 0 or self.taken + self.splitter:held())
  self.server.going:set(self, over and 0 or self.owed)
end

-- A text for the client, whose bytes count in the pool unless they are `carried` (below).
function session:put(text, carried)
  if self.over:is_set() then return end
  self.last_out = self.last_out + 1
  self.out[self.last_out] = { text = text, carried = carried }
  self.unsent = self.unsent + #text
  if not carried then self.owed = self.owed + #text + EACH end
  tidy.note(self.loop, #text)
  self.output:fire()
  self.server.going:set(self, self.owed)
end

-- Sends a text that the pool may have no room for. One such is on its way at a time, for as long as
-- its client goes on reading.
local function carry(self, text)
  local mine <close> = self.server.long(self)
  if not mine then return end
  self:put(text, true)
  local before
  repeat
    before = self.unsent
    local _, _, code = self.room:wait(session.STALLED)
    if code and self.unsent == before then return self:cut() end
  until self.unsent == 0 or self.over:is_set()
end

-- An event's text. What a client has no room for is lost to it, and it is told how much.
function session:event(text)
  if not self.negotiated then return end
  if self.unsent > EVENTS then
    self.lost = self.lost + 1
    return
  end
  if self.lost > 0 then
    self:put(self.server.lost(self.lost))
    self.lost = 0
  end
  self:put(text)
end

local function backlog(self)
  return self.last - self.first + 1 > WINDOW or self.unsent > ANSWERS
end

local function enqueue(self, request, size)
  self.last = self.last + 1
  request.size = size or 0
  self.taken = self.taken + request.size
  self.requests[self.last] = request
  self.more:fire()
end

-- Cuts what has come into commands; false when it is beyond understanding.
local function cut(self, bytes)
  local ok, why = self.splitter:feed(bytes)
  local text
  while ok do
    text, why = self.splitter:next()
    if not text then break end
    enqueue(self, protocol.request(text), #text)
    self.loop:served()
    while backlog(self) do self.room:wait() end      -- the rest stays bytes until then
  end
  settle_pools(self)
  if not why then return true end
  enqueue(self, { error = { "GenericError", "JSON parse error, " .. why }, last = true })
  return false
end

-- Keeps the descriptor that came last, as QEMU does; nil: none.
function session:keep(fd)
  if self.given then unistd.close(self.given) end
  self.given = fd
end

-- The descriptor that came last, the caller's from here on | nil
function session:take()
  local fd = self.given
  self.given = nil
  return fd
end

function session:read()
  repeat
    while backlog(self) do self.room:wait() end
    local bytes, given = wait.read(self.loop, self.chan, nil, PIECE, 1)
    if bytes and given then self:keep(given[1]) end
  until not bytes or not cut(self, bytes)
  enqueue(self, { last = true })
end

-- As many texts as make a piece, or one that is longer; whether it is carried.
local function batch(self)
  local list, size, carried = {}, 0, self.out[self.next_out].carried
  repeat
    local text = self.out[self.next_out].text
    self.out[self.next_out] = nil
    self.next_out = self.next_out + 1
    list[#list + 1], size = text, size + #text
    local after = self.out[self.next_out]
  until not after or carried or after.carried or size + #after.text > PIECE
  if not carried then self.owed = self.owed - #list * EACH end
  return #list == 1 and list[1] or table.concat(list), carried
end

function session:write()
  while true do
    while self.next_out > self.last_out do self.output:wait() end
    local text, carried = batch(self)
    for at = 1, #text, PIECE do
      self.loop:wait(self.chan:fd(), "w")
      local piece = text:sub(at, at + PIECE - 1)
      if not self.chan:send(piece, 0) then return self:finish() end
      self.unsent = self.unsent - #piece
      if not carried then self.owed = self.owed - #piece end
      settle_pools(self)
      self.room:fire()
    end
  end
end

local function next_request(self)
  while not self.requests[self.first] do self.more:wait() end
  local request = self.requests[self.first]
  self.requests[self.first] = nil
  self.first = self.first + 1
  self.room:fire()
  return request
end

local function answer(self, request, value, why, class)
  local text
  self.taken = self.taken - request.size
  if value ~= nil then text, why = protocol.answer(request.id, value) end
  return text or protocol.refusal(request.id, class, why)
end

-- Waits until at most `count` commands of this client are on their way.
local function settle(self, count)
  while self.flying > count do self.room:wait() end
end

local function pass(self, request)
  settle(self, WINDOW - 1)
  self.flying = self.flying + 1
  self.server.pass(request, function(value, why, class)
    self.flying = self.flying - 1
    self:put(answer(self, request, value, why, class))
    self.room:fire()
  end, self)
end

local function own(self, request)
  settle(self, 0)
  local text = answer(self, request, self.server.run(request, self))
  if #text > ANSWERS then return carry(self, text) end
  self:put(text)
end

local function carry_out(self, request)
  if request.error then
    settle(self, 0)
    return self:put(answer(self, request, nil, request.error[2], request.error[1]))
  end
  local ok, class, why = protocol.negotiate(request, self.negotiated)
  if not ok or request.name == "qmp_capabilities" then
    settle(self, 0)
    self.negotiated = self.negotiated or ok
    return self:put(answer(self, request, ok and core.json.object {} or nil, why, class))
  end
  if request.name:find "^lunik%-" then return own(self, request) end
  return pass(self, request)
end

function session:work()
  self:put(protocol.greeting(self.server.greeting:wait()))
  repeat
    local request = next_request(self)
    if request.name or request.error then carry_out(self, request) end
    self.loop:served()
  until request.last
  settle(self, 0)
  self:drain(nil)
  self:finish()
end

-- Waits until the client has taken everything.
function session:drain(seconds)
  local ends = seconds and self.loop.now() + seconds
  while self.unsent > 0 and not self.over:is_set() do
    local left = ends and ends - self.loop.now()
    if left and left <= 0 then return end
    self.room:wait(left)
  end
end

function session:finish()
  self.over:set(true)
  settle_pools(self)
  self.room:fire()
end

-- Ends it for what it has in the pools: others need that.
function session:cut()
  self.is_cut = not self.over:is_set()
  self:finish()
end

-- Not from a task of its own.
function session:close()
  tidy.note(self.loop, self.unsent + self.taken)
  self.over:set(true)
  settle_pools(self)
  for _, task in ipairs(self.tasks) do task:cancel() end
  self:keep(nil)
  self.server.left(self)
  self.chan:close()
  -- QEMU may still owe it answers: what refers to it for so long is to be no more than this
  self.out, self.requests, self.tasks, self.splitter = {}, {}, {}, nil
end

return session

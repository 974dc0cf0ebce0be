-- SPDX-License-Identifier: MIT
-- One console for several people: whoever connects sees what the guest said last and says from
-- then on, and what any of them types goes to the guest. One that does not read loses the oldest
-- bytes, and is told; neither the guest nor anybody else waits for it. What was said before goes to
-- a newcomer without the questions in it, which its terminal would answer into the guest.
local wait = require "lunik.async.wait"

local share = {}
share.__index = share

local CLIENTS = 32
local ROOM = 256 << 10     -- bytes that wait for a client
local TOGETHER = 1024      -- bytes, up to which a guest's single letters are kept as one
local PIECE = 16384        -- a unix socket that is writable has room for more than this

-- `console` is lunik.vm.console, `listening` a channel that clients connect to.
function share.new(loop, console, listening)
  local self = setmetatable({ loop = loop, console = console, listening = listening, clients = {},
                              count = 0 }, share)
  self.listener = console:listen(function(bytes) self:hear(bytes) end)
  return self
end

local client = {}
client.__index = client

-- Bytes for it, the oldest dropped where there are too many. Does not wait.
function client:put(bytes)
  if bytes == "" then return end
  local last = self.out[#self.out]
  if last and #last + #bytes <= TOGETHER then
    self.out[#self.out] = last .. bytes
  else
    self.out[#self.out + 1] = bytes
  end
  self.unsent = self.unsent + #bytes
  while self.unsent > ROOM do
    local first = table.remove(self.out, 1)
    self.unsent, self.lost = self.unsent - #first, self.lost + #first
  end
  self.more:fire()
end

-- Bytes of the past. Where they end in the middle of a question, that is decided with what follows.
function client:replay(bytes)
  self.past = require "lunik.text.queries".new()
  self:put(self.past:feed(bytes))
end

-- Bytes that the guest says now, as they are.
function client:hear(bytes)
  local decided
  if self.past then
    bytes, decided = self.past:finish(bytes)
    if decided then self.past = nil end
  end
  self:put(bytes)
end

local function take(self)
  local text = table.concat(self.out)
  self.out, self.unsent = {}, 0
  if self.lost > 0 then
    text = ("\r\n[lunik: %d bytes dropped]\r\n"):format(self.lost) .. text
    self.lost = 0
  end
  return text
end

function client:write()
  while true do
    while #self.out == 0 and self.lost == 0 do self.more:wait() end
    local text = take(self)
    for at = 1, #text, PIECE do
      self.loop:wait(self.chan:fd(), "w")
      if not self.chan:send(text:sub(at, at + PIECE - 1), 0) then return self.gone:set(true) end
    end
  end
end

function client:read(console)
  while true do
    local bytes = wait.read(self.loop, self.chan, nil, 4096)
    if not bytes then return self.gone:set(true) end
    console:send(bytes)
  end
end

local function welcome(self, chan)
  if self.count >= CLIENTS then return chan:close() end
  local one = setmetatable({ loop = self.loop, chan = chan, out = {}, unsent = 0, lost = 0,
                             more = self.loop:condition(), gone = self.loop:latch() }, client)
  one.tasks = { self.loop:spawn("attached, reading", one.read, one, self.console),
                self.loop:spawn("attached, writing", one.write, one) }
  self.clients[one] = true
  self.count = self.count + 1
  if #self.console.recent > 0 then one:replay(self.console.recent) end
  one.tasks[3] = self.loop:spawn("attached, leaving", function()
    one.gone:wait()
    self:forget(one)
  end)
end

function share:forget(one)
  if not self.clients[one] then return end
  self.clients[one] = nil
  self.count = self.count - 1
  for _, task in ipairs(one.tasks) do
    if self.loop.current ~= task then task:cancel() end
  end
  one.chan:close()
end

function share:hear(bytes)
  for one in pairs(self.clients) do one:hear(bytes) end
end

-- A task's work: lets people in.
function share:work()
  wait.clients(self.loop, self.listening, function(chan) welcome(self, chan) end)
end

function share:close()
  self.console:unlisten(self.listener)
  for one in pairs(self.clients) do self:forget(one) end
  self.listening:close()
end

return share

-- SPDX-License-Identifier: MIT
-- The guest's console as a stream: one reader hands what the guest says to whoever
-- listens. A listener that waits makes the guest wait.
local errno = require "posix.errno"
local slice = require "lunik.async.slice"
local wait = require "lunik.async.wait"

local console = {}
console.__index = console

local WINDOW = 16384       -- how far back a pattern is looked for; what a newcomer is shown

function console.new(loop, chan)
  return setmetatable({ loop = loop, chan = chan, listeners = {}, recent = "", said = 0, age = 0,
                        changed = loop:condition() }, console)
end

-- `fn(bytes)` is called with everything the guest says from now on. Returns fn, for `unlisten`.
function console:listen(fn)
  self.listeners[#self.listeners + 1] = fn
  return fn
end

function console:unlisten(fn)
  for i = #self.listeners, 1, -1 do
    if self.listeners[i] == fn then table.remove(self.listeners, i) end
  end
end

function console:work()
  while true do
    local bytes = wait.read(self.loop, self.chan, nil, 16384)
    if not bytes then return end
    self.recent = (self.recent .. bytes):sub(-WINDOW)
    self.said, self.age = self.said + 1, self.age + #bytes
    self.changed:fire()
    for _, fn in ipairs(self.listeners) do fn(bytes) end
  end
end

-- The guest is another: what was said before is no answer of its.
function console:forget() self.age = 0 end

-- What a pattern is looked for in.
local function heard(self)
  return self.age < #self.recent and self.recent:sub(#self.recent - self.age + 1) or self.recent
end

-- What a guest does not take in time is dropped, so that whoever types is still heard.
function console:send(bytes)
  return wait.send(self.loop, self.chan, bytes, 1)
end

-- What looks for a pattern in what was said: found | nil. One that repeats something can take for
-- ever over a text that is made for it, so it is matched in slices, within the time there is.
local function finder(self, wanted)
  if not wanted:find "[*+?-]" then
    return function() return heard(self):find(wanted) end
  end
  local pattern = require "lunik.recipe.pattern"
  local compiled = pattern.compile(wanted, true)
  return function(left)
    local ok, found = slice.call(self.loop, left, pattern.search, compiled, heard(self), 1)
    return ok and found or nil
  end
end

-- Waits until the guest has said something that a Lua pattern matches: true | nil, why
function console:expect(wanted, seconds)
  local ends, find = self.loop.now() + seconds, finder(self, wanted)
  while true do
    local said = self.said
    if find(math.max(0, ends - self.loop.now())) then return true end
    local left = ends - self.loop.now()
    if left <= 0 then
      return nil, ("console: '%s' not seen within %g seconds"):format(wanted, seconds),
             errno.ETIMEDOUT
    end
    -- what was said while it was looked for is looked at first
    if said == self.said then self.changed:wait(left) end
  end
end

return console

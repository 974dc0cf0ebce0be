-- SPDX-License-Identifier: MIT
-- The guest's console as a stream: one reader hands what the guest says to whoever
-- listens. A listener that waits makes the guest wait.
local wait = require "lunik.async.wait"

local console = {}
console.__index = console

local WINDOW = 16384       -- how far back a pattern is looked for; what a newcomer is shown

function console.new(loop, chan)
  return setmetatable({ loop = loop, chan = chan, listeners = {}, recent = "",
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
    self.changed:fire()
    for _, fn in ipairs(self.listeners) do fn(bytes) end
  end
end

-- What a guest does not take in time is dropped, so that whoever types is still heard.
function console:send(bytes)
  return wait.send(self.loop, self.chan, bytes, 1)
end

-- Waits until the guest has said something that a Lua pattern matches: true | nil, why
function console:expect(pattern, seconds)
  local ends = self.loop.now() + seconds
  while not self.recent:find(pattern) do
    local ok, why, code = self.changed:wait(math.max(0, ends - self.loop.now()))
    if not ok and code then
      return nil, ("console: '%s' not seen within %g seconds"):format(pattern, seconds), code, why
    end
  end
  return true
end

return console

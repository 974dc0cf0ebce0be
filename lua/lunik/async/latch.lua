-- SPDX-License-Identifier: MIT
-- What tasks wait for besides descriptors and time: a condition fires any number of
-- times, a latch is set once and stays set.
local latch = {}
latch.__index = latch

local condition = {}
condition.__index = condition

function latch.condition(loop)
  return setmetatable({ loop = loop, waiters = {} }, condition)
end

-- Waits for the next `fire`; returns what it was fired with | nil, why, ETIMEDOUT.
function condition:wait(seconds)
  return self.loop:request({ on = self.waiters }, seconds)
end

-- Wakes every task that waits now; one that comes later waits for the next `fire`.
function condition:fire(...)
  for _, waiter in ipairs(table.move(self.waiters, 1, #self.waiters, 1, {})) do
    self.loop:wake(waiter, ...)
  end
end

function latch.new(loop)
  return setmetatable({ changed = latch.condition(loop) }, latch)
end

function latch:set(...)
  if self.values then return end
  self.values = table.pack(...)
  self.changed:fire(...)
end

function latch:is_set()
  return self.values ~= nil
end

-- What it was set with, at once or when it is | nil, why, ETIMEDOUT.
function latch:wait(seconds)
  if self.values then return table.unpack(self.values, 1, self.values.n) end
  return self.changed:wait(seconds)
end

return latch

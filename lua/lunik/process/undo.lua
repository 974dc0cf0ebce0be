-- SPDX-License-Identifier: MIT
-- What was started, and how to take it back: a stack that is run in reverse. A step
-- that fails stops nothing; its failure is kept, never lost.
local undo = {}

local stack = {}
stack.__index = stack

function undo.new()
  return setmetatable({ steps = {}, failures = {} }, stack)
end

-- `step` takes one thing back; it returns nil, why (or raises) when it cannot.
-- Returns the step's handle, for `forget`.
function stack:push(what, step)
  local entry = { what = what, step = step }
  self.steps[#self.steps + 1] = entry
  return entry
end

-- Has a handle closed that is of no use once everything is taken back.
function stack:closing(handle)
  return self:push("close", function() handle:close() end)
end

-- Drops a step, because its thing was taken back already. Whether it was there.
function stack:forget(entry)
  for i = #self.steps, 1, -1 do
    if self.steps[i] == entry then
      table.remove(self.steps, i)
      return true
    end
  end
  return false
end

-- Runs every step, last first. Returns the failures so far, as a list of strings.
-- A step may push further ones; they run too.
function stack:run()
  while #self.steps > 0 do
    local entry = table.remove(self.steps)
    local ran, ok, why = xpcall(entry.step, debug.traceback)
    if not ran then
      self.failures[#self.failures + 1] = entry.what .. ": " .. tostring(ok)
    elseif ok == nil and why then
      self.failures[#self.failures + 1] = entry.what .. ": " .. tostring(why)
    end
  end
  return self.failures
end

-- Hands the steps to a new stack: closing this one takes nothing back any more.
function stack:release()
  local heir = undo.new()
  heir.steps, self.steps = self.steps, {}
  return heir
end

stack.__close = stack.run

return undo

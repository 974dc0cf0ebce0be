-- SPDX-License-Identifier: MIT
-- Calls of the embedding program's functions that are due. C makes them one by one where no task is
-- running, so that such a function may call lunik again, and wait; whoever has to have its answer
-- waits in a task meanwhile.
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local wire = require "lunik.control.wire"

local due = {}
due.__index = due

local LIMIT = 1000         -- of those that nobody waits for

-- `tell(text)` hears how many were too many.
function due.new(loop, tell)
  return setmetatable({ loop = loop, tell = tell, queue = {}, lost = 0 }, due)
end

local function put(self, entry) self.queue[#self.queue + 1] = entry end

-- A value as the program is given it; of what a program has no use for, functions, it has none.
local function json_of(value)
  local text, why = core.json.encode(wire.encode(value))
  return text or error(why, 0)
end

-- What an answer says: its value | nil. Of a text that is no JSON that is an error.
local function value_of(text)
  if not text then return nil end
  local value, why = core.json.decode(text)
  if value == nil then error("the answer of the program's function: " .. why, 0) end
  if value == core.json.null then return nil end
  return assert(wire.decode(value))
end

due.json_of, due.value_of = json_of, value_of

-- Has the program's function `slot` called, and waits: ok, its answer as it stands.
function due:ask(slot, vm, name, value)
  local entry = { slot = slot, vm = vm, name = name, json = json_of(value) }
  entry.answered = self.loop:latch()
  local _ <close> = defer(function() entry.void = true end)
  put(self, entry)
  return entry.answered:wait()
end

-- The same without an answer: nobody is kept waiting. `entry`: slot, vm, name, json or problem.
function due:post(entry)
  if not entry.must and #self.queue >= LIMIT then
    self.lost = self.lost + 1
    return
  end
  put(self, entry)
end

function due:is_empty() return #self.queue == 0 end

local function tell_lost(self)
  local lost = self.lost
  self.lost = 0
  self.tell(("%d events came faster than the program took them, and are lost"):format(lost))
end

-- The next one, which is C's to make | nil
function due:take()
  if self.lost > 0 and #self.queue < LIMIT / 2 then tell_lost(self) end
  while self.queue[1] do
    local entry = table.remove(self.queue, 1)
    if not entry.void then return entry end
  end
end

-- It has been made.
function due.answered(entry, ok, text)
  if entry.answered then entry.answered:set(ok, text) end
end

return due

-- SPDX-License-Identifier: MIT
-- Calls a recipe's hooks while a machine runs, and its routines, each in slices. The row of their
-- point says in which order, and whether a hook's error undoes the start or is reported. Events
-- wait in a bounded queue and are handled one after the other, in the order of their arrival.
local defer = require "lunik.async.defer"
local points = require "lunik.hook.points"
local slice = require "lunik.async.slice"

local dispatch = {}
dispatch.__index = dispatch

dispatch.LIMIT = 1000

-- `hooks`: { point, fn, at } in written order. `tell(text)` hears what went wrong.
function dispatch.new(loop, hooks, tell)
  local new = setmetatable({ loop = loop, hooks = { table.unpack(hooks or {}) }, tell = tell,
                             queue = {}, lost = 0, running = {}, changed = loop:condition() },
                           dispatch)
  new.worker = loop:spawn("events", new.work, new)
  return new
end

-- One more hook, from now on.
function dispatch:add(point, fn)
  self.hooks[#self.hooks + 1] = { point = point, fn = fn, at = "vm:on", added = true }
end

-- Lets whatever runs come to its end, and has events and routines wait from then on: true | nil,
-- why, and nothing waits.
function dispatch:hold(seconds)
  self.held = true
  local ends = self.loop.now() + seconds
  while next(self.running) do
    local left = ends - self.loop.now()
    if left <= 0 then
      local entry, what = next(self.running)
      self:release()
      return nil, ("%s: %s has not ended within %g seconds"):format(entry.at or "?", what, seconds)
    end
    self.changed:wait(left)
  end
  return true
end

function dispatch:release()
  self.held = false
  self.changed:fire()
end

-- Other hooks in the place of the recipe's, which are returned. What vm:on has added stays.
function dispatch:replace(hooks)
  local before, after = {}, { table.unpack(hooks) }
  for _, entry in ipairs(self.hooks) do
    table.insert(entry.added and after or before, entry)
  end
  self.hooks = after
  return before
end

-- The hooks of a point. An event is heard by its own hooks and by those of `event`.
local function matching(self, row, point)
  local found = {}
  for _, entry in ipairs(self.hooks) do
    if entry.point == point or entry.point == row.name then
      table.insert(found, row.order == "reverse" and 1 or #found + 1, entry)
    end
  end
  return found
end

-- Calls a function of the recipe's, which is `what` to whoever hears of its error.
local function call(self, what, entry, seconds, ...)
  self.running[entry] = what
  local _ <close> = defer(function()
    self.running[entry] = nil
    self.changed:fire()
  end)
  local ok, why = slice.call(self.loop, seconds, entry.fn, ...)
  if ok then return true end
  return nil, ("%s: %s: %s"):format(entry.at or "?", what, why)
end

-- Calls the hooks of a point and waits for them. true | nil, why, where a raise stops
-- what is going on; elsewhere it is told, and the next hook runs.
function dispatch:fire(point, ...)
  local row = assert(points.find(point), point)
  local ends = row.seconds and self.loop.now() + row.seconds
  for _, entry in ipairs(matching(self, row, point)) do
    local left = ends and math.max(0, ends - self.loop.now())
    local ok, why = call(self, "hook " .. point, entry, left, ...)
    if not ok and row.raise == "undo" then return nil, why end
    if not ok then self.tell(why) end
  end
  return true
end

-- Calls the function of a routine, which waits for its turn while everything is held.
function dispatch:routine(entry, ...)
  while self.held do self.changed:wait() end
  local ok, why = call(self, entry.point, entry, nil, ...)
  if not ok then self.tell(why) end
end

-- Leaves it to the queue to call the hooks of a point.
function dispatch:post(point, ...)
  if #matching(self, assert(points.find(point), point), point) == 0 then return end
  if #self.queue >= dispatch.LIMIT then
    self.lost = self.lost + 1
    return
  end
  self.queue[#self.queue + 1] = table.pack(point, ...)
  self.changed:fire()
end

function dispatch:work()
  while true do
    local entry = not self.held and table.remove(self.queue, 1)
    if entry then
      self.busy = true
      self:fire(table.unpack(entry, 1, entry.n))
      self.busy = false
    end
    if self.lost > 0 then
      self.tell(("%d events came faster than their hooks took them, and are lost")
                :format(self.lost))
      self.lost = 0
    end
    self.changed:fire()
    if self.held or #self.queue == 0 then self.changed:wait() end
  end
end

-- Waits until every queued call is over: true | nil, why
function dispatch:drain(seconds)
  local ends = self.loop.now() + seconds
  while self.busy or #self.queue > 0 do
    local left = ends - self.loop.now()
    if left <= 0 then
      return nil, ("hooks of events took longer than %g seconds"):format(seconds)
    end
    self.changed:wait(left)
  end
  return true
end

function dispatch:close()
  self.worker:cancel()
end

return dispatch

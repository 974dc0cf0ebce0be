-- SPDX-License-Identifier: MIT
-- What reading and checking a recipe may cost, over all that is called for it: processor time, and
-- the work of finding names to suggest. Outside of `budget.run` nothing is bounded.
local core = require "lunik.core"
local suggest = require "lunik.text.suggest"

local budget = { why = "more processor time is taken than reading may" }

-- Seconds of processor time; a usual recipe takes milliseconds.
budget.seconds = 10

-- Steps of lunik.text.suggest: some hundred suggestions out of hundreds of names.
budget.steps = 5000000

-- The part of the seconds in which lunik's own code is looked at only where it calls `budget.at`:
-- to look everywhere makes it slower.
budget.unwatched = 0.05

local late = core.deadline.late
local place, said, kept

-- Says what is being read from now on: a position list, or nil. Ends reading that is late.
function budget.at(at)
  place = at or place
  core.deadline.look(budget.seconds * (1 - budget.unwatched))
end

-- Whether this is what raises when the time is over.
function budget.is_late(why) return why == late end

-- Ends reading; say(…) tells where it was, in time of its own.
function budget.spend(say, ...)
  core.deadline.set(nil)
  said = say(...)
  error(late, 0)
end

-- What `make` returns, made once while a recipe is read: `key` tells what it is.
function budget.once(key, make)
  if not kept then return make() end
  if kept[key] == nil then kept[key] = make() or false end
  return kept[key]
end

local function ended(ok, ...)
  local at, why = place, said
  suggest.allow(nil)
  place, said, kept = nil, nil, nil
  if ok or not budget.is_late(...) then return ok, ... end
  local told = why and why:find "^[^\n]-:%d+: "
  return true, nil, { { at = not told and at or nil, why = why or budget.why } }
end

-- xpcall(work, handler, …), within the budget: where it is spent, `work` returns nil and problems.
function budget.run(work, handler, ...)
  core.deadline.set(budget.seconds)
  suggest.allow(budget.steps)
  place, said, kept = nil, nil, {}
  return ended(core.deadline.call(work, handler, ...))
end

return budget

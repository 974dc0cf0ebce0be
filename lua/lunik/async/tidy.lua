-- SPDX-License-Identifier: MIT
-- Memory that a burst has left goes back to the system once it is over: what is garbage, then what
-- the allocator keeps. Only for a process that is lunik's own.
local core = require "lunik.core"

local tidy = {}

local BURST = 1 << 20      -- bytes that passed through
local QUIET = 1            -- seconds after which one is over, when no more passed than
local NOTHING = 1 << 16
local LATER = 4            -- seconds after which it is done again: hooks of events take their time

local STARTING = 140       -- percent of what was left, at which garbage is looked for
local PAUSE, SPEED = 110, 400      -- percent: a burst's garbage does not double the heap first

local function until_quiet(loop, seconds)
  repeat
    loop.burst = 0
    loop:sleep(seconds)
    core.memory.trim()
  until loop.burst < NOTHING
end

-- Nobody waits for long: what is left to be looked through is small, and nothing is going on.
local function collect()
  collectgarbage()
  collectgarbage()                 -- what finalizers have let go of
  core.memory.trim()
end

local function work(loop)
  collectgarbage("incremental", PAUSE, SPEED)
  until_quiet(loop, QUIET)
  collect()
  until_quiet(loop, LATER)
  collect()
  loop.tidying = nil
end

-- The process of this loop is lunik's own. Until the first burst garbage is looked for less often:
-- at each tenth more that took as long as loading the modules.
function tidy.enable(loop)
  loop.burst = 0
  collectgarbage("incremental", STARTING, SPEED)
end

-- So many bytes have passed through.
function tidy.note(loop, bytes)
  if not loop.burst then return end
  loop.burst = loop.burst + bytes
  if loop.burst < BURST or loop.tidying then return end
  loop.tidying = loop:spawn("tidy", work, loop)
end

return tidy

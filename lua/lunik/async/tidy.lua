-- SPDX-License-Identifier: MIT
-- Memory that a burst has left goes back to the system once it is over: a full collection in steps
-- that nobody waits for, then what the allocator keeps. Only for a process that is lunik's own.
local core = require "lunik.core"

local tidy = {}

local BURST = 1 << 20      -- bytes that passed through
local QUIET = 1            -- seconds after which they are collected
local STEP = 256           -- kilobytes or so of garbage at a time

-- Two cycles: what became garbage during one is found by the next.
local function collect(loop)
  for _ = 1, 2 do
    for _ = 1, collectgarbage "count" // STEP * 4 + 16 do
      if collectgarbage("step", STEP) then break end
      loop:pass()
    end
  end
  core.memory.trim()
end

local function work(loop)
  repeat
    loop.burst = 0
    loop:sleep(QUIET)
    collect(loop)
  until loop.burst < BURST
  loop.tidying = nil
end

-- The process of this loop is lunik's own.
function tidy.enable(loop)
  loop.burst = 0
end

-- So many bytes have passed through.
function tidy.note(loop, bytes)
  if not loop.burst then return end
  loop.burst = loop.burst + bytes
  if loop.burst < BURST or loop.tidying then return end
  loop.tidying = loop:spawn("tidy", work, loop)
end

return tidy

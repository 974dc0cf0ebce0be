-- SPDX-License-Identifier: MIT
-- The signals of a supervisor, as a descriptor: those that ask it to end, and those that must
-- not end it.
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local signal = require "lunik.system.signal"

local signals = {}

local HEARD = { signal.TERM, signal.INT, signal.HUP, signal.PIPE }
local ASKING = { [signal.TERM] = "interrupted by SIGTERM", [signal.INT] = "interrupted by SIGINT" }

-- Calls `ask(why, host)` for each request to end, from a task; `host`: it is the one that whoever
-- ends the host's services sends. A value to be closed | nil, why
function signals.open(loop, ask)
  local handle, why = core.signals.open(HEARD)
  if not handle then return nil, why end
  loop:spawn("signals", function()
    while true do
      loop:wait(handle:fd(), "r")
      local number = handle:next(0)
      if ASKING[number] then ask(ASKING[number], number == signal.TERM) end
    end
  end)
  return defer(function()
    repeat until not handle:next(0)
    handle:close()
  end)
end

return signals

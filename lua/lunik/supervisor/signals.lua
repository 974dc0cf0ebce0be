-- SPDX-License-Identifier: MIT
-- The signals of a supervisor, as a descriptor: those that ask it to end, and those that must
-- not end it.
local core = require "lunik.core"

local signals = {}

-- signal(7): the same numbers on every architecture
local SIGHUP, SIGINT, SIGPIPE, SIGTERM = 1, 2, 13, 15
local HEARD = { SIGTERM, SIGINT, SIGHUP, SIGPIPE }
local ASKING = { [SIGTERM] = "interrupted by SIGTERM", [SIGINT] = "interrupted by SIGINT" }

-- Calls `ask(why)` for each request to end, from a task. A value to be closed | nil, why
function signals.open(loop, ask)
  local handle, why = core.signals.open(HEARD)
  if not handle then return nil, why end
  loop:spawn("signals", function()
    while true do
      loop:wait(handle:fd(), "r")
      local asked = ASKING[handle:next(0)]
      if asked then ask(asked) end
    end
  end)
  return setmetatable({}, { __close = function()
    repeat until not handle:next(0)
    handle:close()
  end })
end

return signals

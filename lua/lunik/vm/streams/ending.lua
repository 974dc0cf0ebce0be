-- SPDX-License-Identifier: MIT
-- How a program with streams is ended in the guest: all that it has started, first gently.
local relay = require "lunik.vm.streams.relay"

local ending = {}

local GRACE = 2            -- seconds that a program has after TERM, and its channels after KILL
local PATIENCE = 5

-- Asks the guest to send a signal to all that a program has started.
local function signal(guest, one, name)
  return guest.agent:exec({ "sh", "-c", relay.SIGNAL, "lunik", one.id, name },
                          { seconds = PATIENCE })
end

-- Ends it: true once that is seen | nil
function ending.finish(guest, one)
  for _, name in ipairs { "TERM", "KILL" } do
    signal(guest, one, name)
    if one.over:wait(GRACE) then return true end
  end
end

return ending

-- SPDX-License-Identifier: MIT
-- How a program with streams is ended in the guest: all that it has started, first gently.
local relay = require "lunik.vm.streams.relay"
local shape = require "lunik.vm.guest.shape"

local ending = {}

local GRACE = 2            -- seconds that a program has after TERM, and its channels after KILL
local PATIENCE = 5
local SOONEST = 0.02

-- Asks the guest to send a signal to all that a program has started: to how many | nil, why, code.
-- One that nobody wants any more is not to be started, either.
local function signal(guest, one, name)
  local words = { "sh", "-c", relay.SIGNAL, "lunik", one.id, name,
                  one.unwanted and ("%d"):format(one.pid) or nil }
  local done, why, code = guest.agent:exec(words, { seconds = PATIENCE })
  if not done then return nil, why, code end
  local count = done.out:match "^(%d+)\n$"
  if count then return tonumber(count) end
  return nil, "the guest's shell: " .. shape.shown(done.err), "failed"
end

-- Sends one to a program that may just be starting: true | nil, why, code
function ending.signal(guest, one, name)
  local ends, pause = guest.loop.now() + PATIENCE, SOONEST
  while true do
    local count, why, code = signal(guest, one, name)
    if not count then return nil, why, code end
    if count > 0 then return true end
    if one.over:wait(pause) then return nil, "the program has ended", "ended" end
    if guest.loop.now() >= ends then
      return nil, "nothing in the guest runs that could get the signal", "failed"
    end
    pause = pause * 2
  end
end

-- Ends it: true once that is seen | nil
function ending.finish(guest, one)
  for _, name in ipairs { "TERM", "KILL" } do
    signal(guest, one, name)
    if one.over:wait(GRACE) then return true end
  end
end

return ending

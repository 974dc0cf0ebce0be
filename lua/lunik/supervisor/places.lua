-- SPDX-License-Identifier: MIT
-- Where a machine of this user lies: its state directory, and its runtime directory, which may be
-- that of another session.
local host = require "lunik.host"
local pointer = require "lunik.store.pointer"

local places = {}

function places.state(name) return host.state .. "/" .. name end

-- Where it was started last, as long as it has not ended (lunik.store.pointer) | nil
function places.pointer(name) return pointer.read(places.state(name)) end

function places.runtime(name)
  local there = places.pointer(name)
  if there and not there.abroad and not there.past then return there.runtime end
  return host.runtime .. "/" .. name
end

-- The lock that a supervisor of it has, whatever became of the runtime directory.
function places.state_lock(name) return pointer.lock(places.state(name)) end

return places

-- SPDX-License-Identifier: MIT
-- Where a pool lies: its socket below the runtime directory; its lock, its log and what it
-- remembers below the state directory. No machine has a name that begins with a dot.
local host = require "lunik.host"
local unistd = require "posix.unistd"

local places = {}

local FOLDER = "/.pools"
local FILES = { "pool.json", "pool.json.tmp", "pool.log", "pool.log.1", "pool.log.1.part", "lock" }

function places.runtime() return host.runtime .. FOLDER end
function places.socket(name) return ("%s/%s.sock"):format(places.runtime(), name) end
function places.state(name) return ("%s%s/%s"):format(host.state, FOLDER, name) end
function places.lock(name) return places.state(name) .. "/lock" end
function places.log(name) return places.state(name) .. "/pool.log" end
function places.book(name) return places.state(name) .. "/pool.json" end

-- The names of all of them, sorted.
function places.names()
  local names = {}
  for _, name in ipairs(host.list(host.state .. FOLDER)) do
    if name:find "^%w[%w._-]*$" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- Removes its socket, by whoever has its lock.
function places.silence(name)
  unistd.unlink(places.socket(name))
  unistd.rmdir(places.runtime())
end

-- And what is remembered of it.
function places.forget(name)
  for _, file in ipairs(FILES) do unistd.unlink(places.state(name) .. "/" .. file) end
  unistd.rmdir(places.state(name))
  unistd.rmdir(host.state .. FOLDER)
end

return places

-- SPDX-License-Identifier: MIT
-- Has one process at a time do something that others want done too, and wait for: a lock tells who
-- does it, and a socket that nobody speaks on tells the others, by its end, that it is over.
local core = require "lunik.core"
local directory = require "lunik.store.directory"
local errno = require "posix.errno"
local mode = require "lunik.system.mode"
local unistd = require "posix.unistd"

local turn = {}
turn.__index = turn

local BLIND = 1            -- seconds between two looks at a lock of another host's
local CONNECT = 1

local function begin(lock, places)
  unistd.unlink(places.socket)
  -- others wait without it, only not as well
  local listening = core.chan.listen(places.socket, { mode = mode.file })
  return setmetatable({ lock = lock, listening = listening or nil, places = places }, turn)
end

-- Waits until whoever has the turn is done, or gone.
local function over(loop, places)
  local chan = core.chan.connect(places.socket, CONNECT)
  if not chan then return loop:sleep(BLIND) end
  local _ <close> = chan
  loop:wait(chan:fd(), "r")
end

-- The turn, to be closed, if nobody else has it | nil, why, errno. places: lock, socket, paths in
-- folders of ours
function turn.try(places)
  for _, path in ipairs { places.lock, places.socket } do
    local made, why = directory.make(directory.parent(path))
    if not made then return nil, why end
  end
  local lock, why, code = core.lock.take(places.lock)
  if not lock then return nil, why, code end
  return begin(lock, places)
end

-- The same, as soon as nobody else has it; waiting() is called before somebody is waited for.
function turn.take(loop, places, waiting)
  while true do
    local mine, why, code = turn.try(places)
    if mine or code ~= errno.EWOULDBLOCK then return mine, why end
    if waiting then waiting() end
    waiting = nil
    over(loop, places)
  end
end

function turn:close()
  if self.listening then
    unistd.unlink(self.places.socket)
    self.listening:close()
  end
  unistd.unlink(self.places.lock)
  self.lock:close()
end
turn.__close = turn.close

return turn

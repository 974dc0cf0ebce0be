-- SPDX-License-Identifier: MIT
-- Small answers about this host that cost milliseconds to find, one file each below
-- $XDG_CACHE_HOME/lunik. A cache that cannot be written is no error, only slow.
local facts = require "lunik.host.facts"
local stat = require "posix.sys.stat"
local stdio = require "posix.stdio"
local unistd = require "posix.unistd"

local cache = {}

-- The text kept under `key`, or nil, of at most `most` bytes. A cache of somebody else's is
-- not believed.
function cache.get(key, most)
  local path = facts.cache .. "/" .. key
  local found = stat.lstat(path)
  if not found or found.st_uid ~= facts.uid or stat.S_ISREG(found.st_mode) == 0 then return nil end
  return facts.head(path, most or 4096)
end

-- Keeps `text`, whole or not at all.
function cache.put(key, text)
  stat.mkdir(facts.cache:match "^(.*)/[^/]*$", tonumber("755", 8))
  stat.mkdir(facts.cache, tonumber("700", 8))
  local path = ("%s/%s"):format(facts.cache, key)
  local file = io.open(path .. "." .. unistd.getpid(), "w")
  if not file then return end
  local written = file:write(text)
  if file:close() and written then
    stdio.rename(path .. "." .. unistd.getpid(), path)
  else
    unistd.unlink(path .. "." .. unistd.getpid())
  end
end

return cache

-- SPDX-License-Identifier: MIT
-- The folder on a node that is one attempt's alone: state, sockets and overlays lie below it, and
-- go with it. It is locked as long as its job lives: what a dead node left is swept by the next
-- lunik there.
local core = require "lunik.core"
local dirent = require "posix.dirent"
local folder = require "lunik.system.folder"
local host = require "lunik.host"
local mode = require "lunik.system.mode"
local remove = require "lunik.fleet.tree"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"

local place = {}
place.__index = place

local LONGEST = 40         -- bytes of the folder above, so that sockets' names have room

-- Where such folders lie: $TMPDIR if it will do.
function place.above()
  local given = os.getenv "TMPDIR"
  local fit = given and given:sub(1, 1) == "/" and #given <= LONGEST
              and host.kind(given) == "directory" and host.may(given, "rwx")
  return fit and given:gsub("(.)/+$", "%1") or "/tmp"
end

local function prefix() return ("lunik-%d-"):format(host.uid) end

local function is_ours(path)
  local info = stat.lstat(path)
  return info ~= nil and stat.S_ISDIR(info.st_mode) ~= 0 and info.st_uid == host.uid
end

-- Ends what runs below a folder whose job is dead, and removes it: whether that is gone.
local function bury(path, finish)
  local lock = core.lock.take(path .. "/lock")
  if not lock then return false end
  for _, name in ipairs(host.list(path .. "/run/lunik")) do
    if name:find "^%w" then finish(path .. "/run/lunik/" .. name) end
  end
  local gone = remove(path)
  lock:close()
  return gone ~= nil
end

-- Sweeps what dead jobs of this user have left here: the paths that are gone. finish(runtime) ends
-- what runs there still.
function place.sweep(finish)
  local above, gone = place.above(), {}
  local ok, names = pcall(dirent.dir, above)
  for _, name in ipairs(ok and names or {}) do
    local path = above .. "/" .. name
    if name:sub(1, #prefix()) == prefix() and is_ours(path) and host.kind(path .. "/lock")
       and bury(path, finish) then
      gone[#gone + 1] = path
    end
  end
  return gone
end

-- Makes the folder of an attempt, named by `key`, and has this process keep what runs in it:
-- a place | nil, why
function place.take(key)
  local path = ("%s/%s%s"):format(place.above(), prefix(), key)
  local info, why = folder.look(path, 1, true)
  if not info then return nil, "mkdir " .. why end
  if not info.made and not is_ours(path) then return nil, path .. ": belongs to somebody else" end
  local lock
  lock, why = core.lock.take(path .. "/lock")
  if not lock then return nil, why end
  for _, name in ipairs { "/run", "/state", "/tmp", "/images" } do
    stat.mkdir(path .. name, mode.folder)
  end
  stdlib.setenv("XDG_RUNTIME_DIR", path .. "/run")
  stdlib.setenv("XDG_STATE_HOME", path .. "/state")
  stdlib.setenv("TMPDIR", path .. "/tmp")
  return setmetatable({ path = path, images = path .. "/images", lock = lock }, place)
end

-- The folder beside it in which images stay for other jobs of this user | nil, why
function place:cache()
  local path = ("%s/lunik-cache-%d"):format(folder.parent(self.path), host.uid)
  local info, why = folder.look(path, 1, true)
  if not info then return nil, "mkdir " .. why end
  if info.made or is_ours(path) and info.mode & mode.others == 0 then return path end
  return nil, path .. ": belongs to somebody else, or is open to others"
end

-- Removes it and all in it.
function place:leave()
  remove(self.path)
  self.lock:close()
end

-- The surroundings of what runs in a place of another process's | nil, why
function place.enter(path)
  if not is_ours(path) then return nil, path .. ": not there, or not this user's" end
  stdlib.setenv("XDG_RUNTIME_DIR", path .. "/run")
  stdlib.setenv("XDG_STATE_HOME", path .. "/state")
  return true
end

-- Whether the job of a place on this host lives.
function place.is_held(path)
  if not is_ours(path) then return false end
  local lock = core.lock.take(path .. "/lock")
  if lock then lock:close() end
  return lock == nil
end

return place

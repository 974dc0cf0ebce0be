-- SPDX-License-Identifier: MIT
-- Answers about this host that cost time to find, one file each below
-- $XDG_CACHE_HOME/lunik. A cache that cannot be written is no error, only slow.
local dirent = require "posix.dirent"
local facts = require "lunik.host.facts"
local fcntl = require "posix.fcntl"
local folder = require "lunik.system.folder"
local mode = require "lunik.system.mode"
local stat = require "posix.sys.stat"
local stdio = require "posix.stdio"
local unistd = require "posix.unistd"

local cache = {}

local OWN = 1              -- the last component of its path is lunik's

-- The text kept under `key`, or nil, of at most `most` bytes. A cache of somebody else's is
-- not believed.
function cache.get(key, most)
  local path = facts.cache .. "/" .. key
  local found = stat.lstat(path)
  if not found or found.st_uid ~= facts.uid or stat.S_ISREG(found.st_mode) == 0 then return nil end
  return facts.head(path, most or 4096)
end

-- Whether the directory is there or can be made, and nobody else can write to it.
local function is_ours()
  local found = folder.look(facts.cache, OWN, true)
  if not found then
    folder.look(folder.parent(facts.cache), 0, true)
    found = folder.look(facts.cache, OWN, true)
  end
  return found and found.uid == facts.uid and found.mode & mode.written_by_others == 0
end

-- Writes all of `text` into a file that was not there.
local function write(path, text)
  local flags = fcntl.O_WRONLY | fcntl.O_CREAT | fcntl.O_EXCL | fcntl.O_CLOEXEC
  local fd = fcntl.open(path, flags, mode.file)
  if not fd then return false end
  local written = unistd.write(fd, text)
  return unistd.close(fd) and written == #text
end

-- Keeps `text`, whole or not at all.
function cache.put(key, text)
  if not is_ours() then return end
  local path = ("%s/%s"):format(facts.cache, key)
  local part = path .. "." .. unistd.getpid()
  if not (write(part, text) and stdio.rename(part, path)) then unistd.unlink(part) end
end

-- Keeps the `most` newest of those whose key begins with `prefix`.
function cache.prune(prefix, most)
  if not is_ours() then return end
  local list = {}
  for _, name in ipairs(dirent.dir(facts.cache) or {}) do
    local found = name:sub(1, #prefix) == prefix and stat.lstat(facts.cache .. "/" .. name)
    if found then list[#list + 1] = { name = name, age = found.st_mtime } end
  end
  table.sort(list, function(a, b)
    if a.age ~= b.age then return a.age > b.age end
    return a.name < b.name
  end)
  for i = most + 1, #list do unistd.unlink(facts.cache .. "/" .. list[i].name) end
end

return cache

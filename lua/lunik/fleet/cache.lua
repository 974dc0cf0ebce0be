-- SPDX-License-Identifier: MIT
-- Images on a node, each under the sum of what is in it: copied once from where all nodes see them,
-- whichever job comes first, and whatever it is called there. The folder is one user's and has a
-- bound. A job links what it uses into its place, so that links tell who needs an image, and one
-- that is removed here stays as long as it is used.
local core = require "lunik.core"
local errno = require "posix.errno"
local file = require "lunik.system.file"
local host = require "lunik.host"
local image = require "lunik.fleet.image"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local utime = require "posix.utime"

local cache = {}

local SUM = "^" .. ("%x"):rep(64) .. "$"
local READONLY = tonumber("400", 8)
local BUSY = 60            -- seconds that others may take to make room
local LOOK = 1             -- seconds between two looks whether a job that waits is called away

-- What is in the folder: { path, bytes, used, at, draft } each, the longest unused first
local function entries(dir)
  local list = {}
  for _, name in ipairs(host.list(dir)) do
    local sum, draft = name:match "^(%x+)(.*)$"
    local path = dir .. "/" .. name
    local info = sum and sum:find(SUM) and (draft == "" or draft == ".part") and stat.lstat(path)
    if info and stat.S_ISREG(info.st_mode) ~= 0 then
      list[#list + 1] = { path = path, bytes = info.st_size, used = info.st_nlink > 1,
                          at = info.st_mtime, draft = draft ~= "", sum = sum }
    end
  end
  table.sort(list, function(a, b)
    if a.at ~= b.at then return a.at < b.at end
    return a.path < b.path
  end)
  return list
end

-- Removes what nobody makes, and nobody is about to link: the bytes that this frees
local function remove(dir, one)
  local path = ("%s/%s.lock"):format(dir, one.sum)
  local lock <close> = core.lock.take(path)
  if not lock or not unistd.unlink(one.path) then return 0 end
  unistd.unlink(path)
  return one.bytes
end

-- Removes copies that a dead job has left half made, and what has been unused for longest, until so
-- many bytes have room: whether they have.
local function has_room(dir, bytes, most)
  local list, total = entries(dir), bytes
  for _, one in ipairs(list) do
    total = total + one.bytes - (one.draft and remove(dir, one) or 0)
  end
  for _, one in ipairs(list) do
    if total <= most then break end
    if not one.used and not one.draft then total = total - remove(dir, one) end
  end
  return total <= most
end

-- Makes room for an image, and takes it by a file of that size: its descriptor | nil, why
local function reserve(dir, one, most)
  local lock <close>, why = core.lock.take(dir .. "/lock", { wait = BUSY })
  if not lock then return nil, why end
  unistd.unlink(one.draft)
  if not has_room(dir, one.bytes, most) then
    return nil, ("no room in the node's cache of %d MiB"):format(most >> 20)
  end
  local fd
  fd, why = file.new(one.draft)
  if not fd then return nil, why end
  local ok
  ok, why = unistd.ftruncate(fd, one.bytes)
  if ok then return fd end
  unistd.close(fd)
  return nil, why
end

local function is_as_submitted(one, found)
  if found.sum == one.sum then return true end
  return nil, one.path .. ": it is not what it was when the job was submitted", "changed"
end

-- Copies an image into the cache: true | nil, why, "changed" where it is not what was submitted
local function bring(dir, one, most, stopped)
  local fd, why = reserve(dir, one, most)
  if not fd then return nil, why end
  local ok, found, kind
  found, why = image.copy(one.path, fd, stopped)
  unistd.close(fd)
  if found then ok, why, kind = is_as_submitted(one, found) end
  if ok then ok, why = stat.chmod(one.draft, READONLY) end
  if ok then ok, why = os.rename(one.draft, one.kept) end
  if not ok then unistd.unlink(one.draft) end
  return ok, why, kind
end

-- Links an image that is there into the job's place: true | nil. One of another size is damaged.
local function link(one)
  local ok, _, code = unistd.link(one.kept, one.here)
  if not ok and code ~= errno.EEXIST then return nil end
  local info = stat.lstat(one.here)
  if info and info.st_size == one.bytes then
    utime.utime(one.kept)
    return true
  end
  unistd.unlink(one.here)
  unistd.unlink(one.kept)
end

-- Waits for whoever makes the same copy: its lock | nil, why
local function turn(dir, one, stopped)
  while true do
    local lock, why, code = core.lock.take(("%s/%s.lock"):format(dir, one.sum), { wait = LOOK })
    if lock or code ~= errno.EWOULDBLOCK then return lock, why end
    if stopped() then return nil, image.INTERRUPTED end
  end
end

-- The path at which a job in its place (lunik.fleet.place) has an image, { path, sum, bytes }, and
-- whether it was copied for that | nil, why, "changed" where it is not what was submitted. most:
-- bytes of the cache; stopped(): whether to give up
function cache.fetch(wanted, at, most, stopped)
  local dir, why = at:cache()
  if not dir then return nil, why end
  local kept = dir .. "/" .. wanted.sum
  local one = { path = wanted.path, sum = wanted.sum, bytes = wanted.bytes, kept = kept,
                draft = kept .. ".part", here = ("%s/%s"):format(at.images, wanted.sum) }
  if link(one) then return one.here, false end
  local lock <close>, late = turn(dir, one, stopped)
  if not lock then return nil, late end
  if link(one) then return one.here, false end
  local ok, kind
  ok, why, kind = bring(dir, one, most, stopped)
  if not ok then
    unistd.unlink(kept .. ".lock")         -- it is held, so nobody else loses it
    return nil, why, kind
  end
  if link(one) then return one.here, true end
  return nil, "it could not be linked"
end

return cache

-- SPDX-License-Identifier: MIT
-- An overlay that outlives its job has one writer, whatever becomes of nodes: each attempt writes a
-- copy of its own beside it, which takes its place at the end. A newer attempt removes the copies
-- of those before it, and so what still runs somewhere has nothing left that it could put there.
local core = require "lunik.core"
local file = require "lunik.system.file"
local frozen = require "lunik.store.frozen"
local host = require "lunik.host"
local image = require "lunik.fleet.image"
local mode = require "lunik.system.mode"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local kept = {}
kept.__index = kept

local WRITES = { 101 }                 -- the byte that QEMU locks to write (block/file-posix.c)

local function same(a, b)
  for _, name in ipairs { "bytes", "mtime", "nanos", "inode" } do
    if (a or {})[name] ~= (b or {})[name] then return false end
  end
  return true
end

-- Removes the copies of a job's older attempts, and what was being made beside them.
local function sweep(stem, number)
  local folder, name = stem:match "^(.*/)([^/]*)$"
  for _, each in ipairs(host.list(folder)) do
    local attempt = each:sub(1, #name) == name and each:match("^(%d+)", #name + 1)
    if attempt and tonumber(attempt) < number then unistd.unlink(folder .. each) end
  end
end

-- Copies the overlay as it is now: true | nil, why
local function copy(self, stopped)
  if host.users.of_lock(self.path, WRITES) then
    return nil, "a running machine writes it"
  end
  local fd, why = file.new(self.copy)
  if not fd then return nil, why end
  local found
  found, why = image.copy(self.path, fd, stopped)
  unistd.close(fd)
  if found and not same(self.before, host.stamp(self.path)) then
    found, why = nil, "somebody writes it meanwhile"
  end
  if not found then unistd.unlink(self.copy) end
  return found and stat.chmod(self.copy, host.owner(self.path).mode & mode.kept) ~= nil, why
end

-- What an attempt writes in the place of the overlay at `path` | nil, why. job: the folder of its
-- records; number: the attempt's; stopped(): whether to give up
function kept.take(path, job, number, stopped)
  local over = frozen.over(path, host)
  if over then
    return nil, ("%s: %s is to be put into it first: lunik up does"):format(path, over)
  end
  local info = stat.lstat(path)
  if info and stat.S_ISREG(info.st_mode) == 0 then
    return nil, ("%s: is no file itself: name the one that it leads to"):format(path)
  end
  local stem = ("%s.job-%s-r"):format(path, core.copy.sha256(job):sub(1, 12))
  local self = setmetatable({ path = path, copy = stem .. number, before = host.stamp(path) }, kept)
  sweep(stem, number)
  if not self.before then return self end
  local ok, why = copy(self, stopped)
  if ok then return self end
  return nil, why == image.INTERRUPTED and why or ("%s: %s"):format(path, why)
end

-- Puts the copy into the overlay's place: true | nil, why. late: why this attempt may not any more
-- | nil
function kept:publish(late)
  if late then
    self:drop()
    return nil, ("%s stays as it is: %s"):format(self.path, late)
  end
  if not same(self.before, host.stamp(self.path)) then
    return nil, ("%s was written by somebody else meanwhile: what this job wrote is in %s"):format(
      self.path, self.copy)
  end
  local ok, why = os.rename(self.copy, self.path)
  if not ok then return nil, ("%s: %s"):format(self.path, why) end
  os.rename(self.copy .. ".base", self.path .. ".base")
  return true
end

-- Gives up what the attempt wrote.
function kept:drop()
  for _, more in ipairs { "", ".base", ".part" } do unistd.unlink(self.copy .. more) end
end

return kept

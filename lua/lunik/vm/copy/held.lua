-- SPDX-License-Identifier: MIT
-- Directories of the host that are held open while something is copied: whatever lies in them is
-- reached from the descriptor, one name at a time, and no link is followed on the way. So a guest
-- that has the same directory as a mount can put nothing in the way.
local core = require "lunik.core"
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local held = {}
held.__index = held

local FOLDER = fcntl.O_RDONLY | fcntl.O_CLOEXEC | core.folder.DIRECTORY
local HERE = fcntl.O_CLOEXEC | core.folder.PATH | core.folder.DIRECTORY | core.folder.NOFOLLOW

-- Raises that something cannot be copied; `code` is an errno or a code word.
function held.fail(shown, code, why)
  error({ why = ("%s: %s"):format(shown, why or errno.errno(code)), code = code }, 0)
end

-- What a function of luaposix gave, or raises in the words of whoever reads them.
function held.must(shown, value, why, code)
  if value == nil then held.fail(shown, code, not code and why or nil) end
  return value
end

local function take(fd, shown)
  return setmetatable({ fd = fd, shown = shown }, held)
end

-- Holds a directory, which may be reached by links. `shown` is how it is called in messages.
function held.open(path, shown)
  return take(held.must(shown or path, fcntl.open(path, FOLDER)), shown or path)
end

function held:close()
  if self.fd then unistd.close(self.fd) end
  self.fd = nil
end

held.__close, held.__gc = held.close, held.close

-- The path by which the kernel finds `name` in it.
function held:at(name) return ("/proc/self/fd/%d/%s"):format(self.fd, name) end

-- The same as it is shown.
function held:path(name)
  if self.shown == "/" then return "/" .. name end
  if self.shown == "." then return name end
  return self.shown .. "/" .. name
end

function held:check(name, ...) return held.must(self:path(name), ...) end

-- Adds to what stat has of a path, or of a descriptor, the nanoseconds of when it was changed.
function held.exactly(info, at)
  local seconds, nanos = core.folder.changed(at)
  info.nanos = seconds == info.st_mtime and seconds >= 0 and nanos or 0
  return info
end

-- What is there, a link as a link: as lstat has it, and nanos | nil
function held:look(name)
  local info, why, code = stat.lstat(self:at(name))
  if info then return held.exactly(info, self:at(name)) end
  if code ~= errno.ENOENT then self:check(name, info, why, code) end
end

function held.is_folder(info) return info ~= nil and stat.S_ISDIR(info.st_mode) ~= 0 end
function held.is_link(info) return info ~= nil and stat.S_ISLNK(info.st_mode) ~= 0 end

-- Holds a directory in it | raises ENOTDIR or ELOOP where there is another thing.
function held:enter(name)
  local fd = self:check(name, fcntl.open(self:at(name), FOLDER | core.folder.NOFOLLOW))
  return take(fd, name == "." and self.shown or self:path(name))
end

-- Holds what a list of names leads to from here.
function held:walk(names)
  local folder = self:enter "."
  for _, name in ipairs(names) do
    local _ <close> = folder
    folder = folder:enter(name)
  end
  return folder
end

-- Changes the mode of a directory in it, which need not be readable.
function held:set_mode(name, mode)
  local fd = self:check(name, fcntl.open(self:at(name), HERE))
  local _, why, code = stat.chmod(("/proc/self/fd/%d"):format(fd), mode)
  unistd.close(fd)
  if code then self:check(name, nil, why, code) end
end

function held:touch(name, seconds, nanos)
  self:check(name, core.folder.touch(self:at(name), seconds, nanos))
end

-- The names in it, sorted.
function held:names()
  local list = {}
  local ok, why = pcall(function()
    for name in require "posix.dirent".files(("/proc/self/fd/%d"):format(self.fd)) do
      if name ~= "." and name ~= ".." then list[#list + 1] = name end
    end
  end)
  if not ok then held.fail(self.shown, "failed", tostring(why)) end
  table.sort(list)
  return list
end

-- Removes what is there with all that is in it; raises where it cannot.
function held:remove(name)
  local info = self:look(name)
  if not info then return end
  if not held.is_folder(info) then return self:check(name, unistd.unlink(self:at(name))) end
  self:set_mode(name, 448)
  do
    local inner <close> = self:enter(name)
    for _, each in ipairs(inner:names()) do inner:remove(each) end
  end
  self:check(name, unistd.rmdir(self:at(name)))
end

return held

-- SPDX-License-Identifier: MIT
-- Opens regular files and nothing else, without waiting: where a log or a record is expected may
-- lie a pipe that nobody writes to, or a folder.
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local mode = require "lunik.system.mode"
local stat = require "posix.sys.stat"
local stdio = require "posix.stdio"
local unistd = require "posix.unistd"

local file = {}

local ALWAYS = fcntl.O_NONBLOCK | fcntl.O_NOCTTY | fcntl.O_CLOEXEC

local KINDS = { { "S_ISREG", "file" }, { "S_ISDIR", "directory" }, { "S_ISBLK", "device" },
  { "S_ISCHR", "character device" }, { "S_ISSOCK", "socket" }, { "S_ISFIFO", "fifo" } }

-- What a result of stat is of: "file", "directory", "device" …
function file.kind(info)
  for _, row in ipairs(KINDS) do
    if info and stat[row[1]](info.st_mode) ~= 0 then return row[2] end
  end
end

function file.no_file(path, kind) return ("%s: is a %s, not a file"):format(path, kind) end

-- Opens `path`, by flags of open(2) beside those that keep it from waiting: a descriptor
-- | nil, why, errno
function file.open(path, flags)
  local fd, why, code = fcntl.open(path, flags | ALWAYS, mode.file)
  local kind = file.kind(fd and stat.fstat(fd) or code == errno.ENXIO and stat.stat(path) or nil)
  if kind == "file" then return fd end
  if fd then unistd.close(fd) end
  if kind then return nil, file.no_file(path, kind), errno.EINVAL end
  return nil, why, code
end

-- The same to read from, as Lua has files | nil, why
function file.reader(path)
  local fd, why, code = file.open(path, fcntl.O_RDONLY)
  if not fd then return nil, why, code end
  return stdio.fdopen(fd, "rb")
end

-- The same to write behind what is there; one that is missing is made.
function file.appender(path)
  return file.open(path, fcntl.O_WRONLY | fcntl.O_CREAT | fcntl.O_APPEND)
end

-- An empty one to write to, in the place of whatever was there: a link is not followed.
function file.new(path)
  unistd.unlink(path)
  return file.open(path, fcntl.O_WRONLY | fcntl.O_CREAT | fcntl.O_EXCL)
end

return file

-- SPDX-License-Identifier: MIT
-- Small files that have to outlive a loss of power: written beside their place, synced, renamed.
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local file = require "lunik.system.file"
local unistd = require "posix.unistd"

local durable = {}

-- Has what was written to a file or folder on the disk: true | nil, why
function durable.sync(path)
  local fd, why = fcntl.open(path, fcntl.O_RDONLY | fcntl.O_CLOEXEC)
  if not fd then return nil, "open " .. why end
  local ok
  ok, why = unistd.fsync(fd)
  unistd.close(fd)
  return ok and true, why and ("sync %s: %s"):format(path, why)
end

local function put(fd, text)
  while #text > 0 do
    local count, why = unistd.write(fd, text)
    if not count then return nil, why end
    text = text:sub(count + 1)
  end
  return unistd.fsync(fd)
end

local function folder(path) return path:match "^(.+)/[^/]*$" or "/" end

-- Writes a file, in the place of one that was there: true | nil, why
function durable.write(path, text)
  local part = path .. ".part"
  local fd, why = file.new(part)
  if not fd then return nil, "open " .. why end
  local ok
  ok, why = put(fd, text)
  unistd.close(fd)
  if ok then ok, why = os.rename(part, path) end
  if not ok then unistd.unlink(part) end
  if not ok then return nil, ("write %s: %s"):format(path, why) end
  return durable.sync(folder(path))
end

-- Removes a file, if it is there: true | nil, why
function durable.remove(path)
  local ok, why, code = unistd.unlink(path)
  if not ok and code ~= errno.ENOENT then return nil, "remove " .. why end
  return durable.sync(folder(path))
end

return durable

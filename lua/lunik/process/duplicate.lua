-- SPDX-License-Identifier: MIT
-- Copies a regular file to a place where there is none, with its holes: true | nil, why. Nothing
-- stays of a copy that could not be finished.
local fcntl = require "posix.fcntl"
local file = require "lunik.system.file"
local unistd = require "posix.unistd"

local PIECE = 1 << 20      -- bytes at a time

-- Writes all of `bytes` | nil, why
local function put(fd, bytes)
  local at = 1
  while at <= #bytes do
    local count, why = unistd.write(fd, bytes:sub(at))
    if not count then return nil, why end
    at = at + count
  end
  return true
end

-- Writes a piece, or leaves a hole where there are only zeros.
local function put_piece(to, bytes)
  if bytes:find "[^%z]" then return put(to, bytes) end
  local at, why = unistd.lseek(to, #bytes, unistd.SEEK_CUR)
  return at ~= nil, why
end

local function copy(from, to)
  local size = 0
  while true do
    local bytes, why = unistd.read(from, PIECE)
    if not bytes then return nil, why end
    if bytes == "" then break end
    local ok
    ok, why = put_piece(to, bytes)
    if not ok then return nil, why end
    size = size + #bytes
  end
  -- a hole at the end is none yet
  local ok, why = unistd.ftruncate(to, size)
  return ok ~= nil, why
end

return function(source, path)
  local from, why = file.open(source, fcntl.O_RDONLY)
  if not from then return nil, why end
  local to
  to, why = file.new(path)
  local ok
  if to then ok, why = copy(from, to) end
  unistd.close(from)
  if not to then return nil, why end
  local closed, problem = unistd.close(to)
  if ok and closed then return true end
  unistd.unlink(path)
  return nil, ("copy %s: %s"):format(source, ok and problem or why)
end

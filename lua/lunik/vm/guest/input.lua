-- SPDX-License-Identifier: MIT
-- The standard input of a program in the guest: bytes, or a file of the host that is open here, as
-- { fd }, and is not held in memory. Its owner may write to such a file meanwhile.
local stat = require "posix.sys.stat"
local stdio = require "posix.stdio"
local unistd = require "posix.unistd"

local input = {}

-- How many bytes it has.
function input.size(given)
  if type(given) == "string" then return #given end
  local found = stat.fstat(given.fd)
  return found and found.st_size or 0
end

local function from_text(text, size)
  local at = 1
  return function()
    local piece = text:sub(at, at + size - 1)
    at = at + size
    return piece ~= "" and piece or nil
  end
end

-- Reads so many bytes, fewer at the end of the file only: bytes | nil, why
local function read(fd, size)
  local parts, left = {}, size
  repeat
    local bytes, why = unistd.read(fd, left)
    if not bytes then return nil, why end
    parts[#parts + 1], left = bytes, left - #bytes
  until bytes == "" or left == 0
  return table.concat(parts)
end

-- Iterates over all of it, in pieces of a size: piece | "", why it cannot be read. No more is read
-- than there was at first.
function input.pieces(given, size)
  if type(given) == "string" then return from_text(given, size) end
  local left = input.size(given)
  unistd.lseek(given.fd, 0, unistd.SEEK_SET)
  return function()
    if left <= 0 then return nil end
    local piece, why = read(given.fd, math.min(size, left))
    if piece == "" then why = "the input has become shorter" end
    left = why and 0 or left - #piece
    return why and "" or piece, why
  end
end

-- Calls fn(fd) with it as a file that a program can be given: what fn returns | nil, why
function input.with_file(given, fn)
  if type(given) ~= "string" then
    unistd.lseek(given.fd, 0, unistd.SEEK_SET)
    return fn(given.fd)
  end
  local file <close>, why = io.tmpfile()
  local ok = file
  if ok then ok, why = file:write(given) end
  if ok then ok, why = file:flush() end
  if not ok then return nil, "a file for the input: " .. why end
  file:seek("set", 0)
  return fn(stdio.fileno(file))
end

return input

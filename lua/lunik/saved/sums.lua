-- SPDX-License-Identifier: MIT
-- Sums of files, as saved machines keep them: SHA-256 of what is not zero (src/copy.h). `pass()` is
-- called now and then by what takes long.
local core = require "lunik.core"
local fcntl = require "posix.fcntl"
local file = require "lunik.system.file"
local unistd = require "posix.unistd"

local sums = {}

-- Reads to the end: the file's size and sum | nil, why
local function run(copier, pass)
  local more, why
  repeat
    more, why = copier:step()
    if more and pass then pass() end
  until not more
  if more == nil then return nil, why end
  local sum, size = copier:sum()
  return { size = size, sum = sum }
end

-- The size and the sum of what is in a file, copied into `to` where there is one | nil, why
function sums.of(fd, pass, to)
  local copier <close>, why = core.copy.new(fd, to)
  if not copier then return nil, why end
  return run(copier, pass)
end

-- Copies what somebody has summed up before: true | nil, why
function sums.copy_known(from, to, pass)
  local copier <close>, why = core.copy.new(from, to, true)
  if not copier then return nil, why end
  local more
  repeat
    more, why = copier:step()
    if more and pass then pass() end
  until not more
  return more == false or nil, why
end

-- What is in a file, read by whoever is given a descriptor of it: read(fd) -> value | nil, why
function sums.reading(path, read)
  local fd, why = file.open(path, fcntl.O_RDONLY)
  if not fd then return nil, why end
  local value
  value, why = read(fd)
  unistd.close(fd)
  return value, why
end

-- The sum of the file at a path | nil, why
function sums.at(path, pass)
  local entry, why = sums.reading(path, function(fd) return sums.of(fd, pass) end)
  if entry then return entry.sum end
  return nil, ("%s: %s"):format(path, why)
end

return sums

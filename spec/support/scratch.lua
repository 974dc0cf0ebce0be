-- A directory of its own for a case, short enough for sockets, and what is left in it.
local dirent = require "posix.dirent"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

local scratch = {}

function scratch.new()
  return assert(stdlib.mkdtemp "/tmp/lunik.XXXXXX")
end

local function is_directory(path)
  local info = stat.lstat(path)
  return info and stat.S_ISDIR(info.st_mode) ~= 0
end

-- Every path below `dir`, relative to it, sorted.
function scratch.list(dir, prefix, found)
  prefix, found = prefix or "", found or {}
  for _, name in ipairs(dirent.dir(dir)) do
    if name ~= "." and name ~= ".." then
      found[#found + 1] = prefix .. name
      if is_directory(dir .. "/" .. name) then
        scratch.list(dir .. "/" .. name, prefix .. name .. "/", found)
      end
    end
  end
  table.sort(found)
  return found
end

function scratch.remove(dir)
  local list = scratch.list(dir)
  for i = #list, 1, -1 do
    local path = dir .. "/" .. list[i]
    if is_directory(path) then unistd.rmdir(path) else unistd.unlink(path) end
  end
  unistd.rmdir(dir)
end

function scratch.write(path, text, mode)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
  if mode then stat.chmod(path, mode) end
  return path
end

function scratch.read(path)
  local file = assert(io.open(path, "rb"))
  local _ <close> = file
  return file:read "a"
end

return scratch

-- SPDX-License-Identifier: MIT
-- Directories for this user alone: made where they are missing, believed only where nobody else
-- could have put something there.
local errno = require "posix.errno"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local mode = require "lunik.system.mode"

local directory = {}

function directory.parent(path)
  return path:match "^(.+)/[^/]+$" or "/"
end

-- Why a directory cannot be trusted with what lunik keeps there | nil
local function distrust(info, strict)
  if stat.S_ISLNK(info.st_mode) ~= 0 then return "a symbolic link" end
  if stat.S_ISDIR(info.st_mode) == 0 then return "not a directory" end
  local mine = info.st_uid == unistd.geteuid()
  if not mine and (strict or info.st_uid ~= 0) then
    return ("belongs to user %d"):format(info.st_uid)
  end
  local bits = info.st_mode & mode.bits
  local open = strict and bits & mode.others ~= 0
               or bits & mode.written_by_others ~= 0 and bits & mode.sticky == 0
  if open then return ("open to others (mode %04o)"):format(bits) end
end

local function trusted(path)
  local info, why = stat.lstat(path)
  if not info then return nil, why end
  why = distrust(info, true)
  if why then return nil, ("%s: %s"):format(path, why) end
  local above = directory.parent(path)
  info, why = stat.stat(above)
  if not info then return nil, why end
  why = distrust(info, false)
  if why then return nil, ("%s: %s"):format(above, why) end
  return true
end

-- Makes a directory and the parents it lacks; those made are appended to `made`.
local function make(path, made)
  if path == "/" or stat.stat(path) then return true end
  local ok, why, code = make(directory.parent(path), made)
  if not ok then return nil, why, code end
  ok, why, code = stat.mkdir(path, mode.folder)
  if ok then
    made[#made + 1] = path
  elseif code ~= errno.EEXIST then
    return nil, "mkdir " .. why, code
  end
  return true
end

-- Removes the directories of a list, as `make` returns it, where they are empty.
function directory.remove(made)
  for i = #made, 1, -1 do unistd.rmdir(made[i]) end
end

-- Makes `path` and the parents it lacks, for this user alone. Returns the directories
-- made, outermost first | nil, why. What is already there must be ours.
function directory.make(path)
  local made = {}
  local ok, why, code
  for _ = 1, 10 do           -- another machine that ends may remove an empty parent
    ok, why, code = make(path, made)
    if code ~= errno.ENOENT then break end
  end
  if ok then ok, why = trusted(path) end
  if ok then return made end
  directory.remove(made)
  return nil, why
end

return directory

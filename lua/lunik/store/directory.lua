-- SPDX-License-Identifier: MIT
-- Directories for this user alone: made where they are missing, believed only where nobody else
-- could have put something there.
local errno = require "posix.errno"
local folder = require "lunik.system.folder"
local mode = require "lunik.system.mode"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local directory = {}

local OWN = 2              -- a machine's directory, and the one that all machines share

directory.parent = folder.parent

-- Why a directory cannot be trusted with what lunik keeps there | nil
local function distrust(info, strict)
  local mine = info.uid == unistd.geteuid()
  if not mine and (strict or info.uid ~= 0) then
    return ("belongs to user %d"):format(info.uid)
  end
  local open = strict and info.mode & mode.others ~= 0
               or info.mode & mode.written_by_others ~= 0 and info.mode & mode.sticky == 0
  if open then return ("open to others (mode %04o)"):format(info.mode) end
end

local function checked(path, depth, strict)
  local info, why, code = folder.look(path, depth)
  if not info then
    return nil, code == errno.ENOTDIR and stat.lstat(path) and path .. ": not a directory" or why,
           code
  end
  why = distrust(info, strict)
  if why then return nil, ("%s: %s"):format(path, why) end
  return true
end

-- Whether a directory is ours, and in one that nobody else can change: true | nil, why, errno
function directory.trusted(path)
  local ok, why, code = checked(path, OWN, true)
  if not ok then return nil, why, code end
  return checked(directory.parent(path), OWN - 1, false)
end

-- What is in the way is named by itself, and what has no place by what it lacks.
local function explained(path, why, code)
  if code == errno.ELOOP then return why end
  if code == errno.ENOTDIR and stat.lstat(path) then return path .. ": not a directory" end
  return "mkdir " .. why
end

-- Makes a directory and the parents it lacks; those made are appended to `made`.
local function make(path, made, depth)
  if path == "/" then return true end
  local above = directory.parent(path)
  local info, why, code = folder.look(path, depth, true)
  local missing = code == errno.ENOENT or code == errno.ENOTDIR and not stat.lstat(above)
  if missing then
    local ok
    ok, why, code = make(above, made, math.max(depth - 1, 0))
    if not ok then return nil, why, code end
    info, why, code = folder.look(path, depth, true)
  end
  if not info then return nil, explained(path, why, code), code end
  if info.made then made[#made + 1] = path end
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
    ok, why, code = make(path, made, OWN)
    if code ~= errno.ENOENT then break end
  end
  if ok then ok, why = directory.trusted(path) end
  if ok then return made end
  directory.remove(made)
  return nil, why
end

return directory

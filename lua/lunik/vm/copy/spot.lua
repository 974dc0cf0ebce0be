-- SPDX-License-Identifier: MIT
-- Where something of the host is, or is to be put: { folder, name }, a directory that is held, and
-- a name in it; without a name, the directory itself. `slash`: whether it is to be a directory.
local held = require "lunik.vm.copy.held"
local stat = require "posix.sys.stat"

local spot = {}

-- The last name of a path; "." for what has none of its own.
function spot.base(path)
  local name = path:match "([^/]+)/*$"
  return (name == nil or name == "..") and "." or name
end

-- By a path of the user's, whose links are followed as far as they lead to a directory.
function spot.at(path)
  if held.is_folder(stat.stat(path)) then return { folder = held.open(path) } end
  local above, name, slash = path:match "^(.-)([^/]*)(/*)$"
  above = above:gsub("(.)/+$", "%1")
  return { folder = held.open(above == "" and "." or above, above == "" and "." or nil),
           name = name, slash = slash ~= "" }
end

-- A path's names, without ".." | nil
local function names_of(path)
  local names = {}
  for name in path:gmatch "[^/]+" do
    if name == ".." then return nil end
    if name ~= "." then names[#names + 1] = name end
  end
  return names
end

-- Whether the first names are those of the other list.
local function begins(names, with)
  for i, name in ipairs(with) do
    if names[i] ~= name then return false end
  end
  return true
end

-- The mount below which a path of the guest lies, and the names that lead there | nil
local function covering(mounts, names)
  local best, rest
  for _, mount in ipairs(mounts) do
    local to = mount.to and names_of(mount.to)
    if to and begins(names, to) and (not rest or #names - #to < #rest) then
      best, rest = mount, table.move(names, #to + 1, #names, 1, {})
    end
  end
  return best, rest
end

-- Below a mount, without following anything that the guest may have put there | nil
local function below(mount, names, path, machine)
  local folder = held.open(mount.from, machine .. ":" .. mount.to)
  for i, name in ipairs(names) do
    local info = folder:look(name)
    if held.is_link(info) or not held.is_folder(info) and i < #names then
      folder:close()
      return nil
    elseif not held.is_folder(info) then
      return { folder = folder, name = name, slash = path:sub(-1) == "/" }
    end
    local _ <close> = folder
    folder = folder:enter(name)
  end
  return { folder = folder }
end

-- Where the host has a path of the guest, by a mount of the guest's | nil where it has not, or
-- where only the guest knows what the path leads to. Nobody writes below what is read-only. It is
-- shown as the machine's.
function spot.shared(mounts, path, machine, writes)
  local names = names_of(path)
  local mount, rest = covering(mounts, names or {})
  if not mount or mount.type ~= "virtiofs" or mount.state ~= "mounted" then return nil end
  if mount.readonly and writes then return nil end
  local ok, found = pcall(below, mount, rest, path, machine)
  return ok and found or nil
end

return spot

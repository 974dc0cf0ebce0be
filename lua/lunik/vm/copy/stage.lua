-- SPDX-License-Identifier: MIT
-- Puts something new in its place on the host: it is made aside, in the same directory, and renamed
-- at the end, so that what was there is never half overwritten.
local aside = require "lunik.vm.copy.aside"
local errno = require "posix.errno"
local file = require "lunik.system.file"
local held = require "lunik.vm.copy.held"
local mode = require "lunik.system.mode"
local stat = require "posix.sys.stat"

local stage = {}
stage.__index = stage

stage.NAME = "x"           -- of what is made, in the directory aside

-- Why something of a kind, "file" or "directory", cannot come where `info` is: errno or text | nil
local function conflict(kind, info)
  if not info then return nil end
  if kind == "directory" then return not held.is_folder(info) and errno.ENOTDIR or nil end
  if held.is_folder(info) then return errno.EISDIR end
  local there = not held.is_link(info) and file.kind(info)
  return there and there ~= "file" and ("is a %s, not a file"):format(there) or nil
end

local function hold_against(folder, name, kind)
  local info = folder:look(name)
  local why = conflict(kind, info)
  if not why then return info end
  if math.type(why) then held.fail(folder:path(name), why) end
  held.fail(folder:path(name), "invalid", why)
end

-- Makes room for a file or a directory that is called `base` where no name is asked for: `folder`,
-- in which it is made as stage.NAME. Raises held.fail's. Closing it removes what is not in place.
function stage.begin(spot, base, kind)
  local folder, name = spot.folder, spot.name or base ~= "." and base or nil
  if spot.name and spot.slash and kind == "file" then
    held.fail(folder:path(name) .. "/", errno.ENOENT)
  end
  local there = name and hold_against(folder, name, kind)
  if there and kind == "directory" then folder, name = folder:enter(name), nil end
  aside.sweep(folder)
  local self = setmetatable({ into = folder, name = name, aside = aside.name() }, stage)
  held.must(folder.shown, stat.mkdir(folder:at(self.aside), mode.folder))
  self.folder = folder:enter(self.aside)
  self.folder.shown = folder.shown
  self.shown = name and folder:path(name) or folder.shown
  return self
end

-- Renames; a directory that may not be written to has to be, for that moment.
local function move(from, name, into, as)
  local info = from:look(name)
  local closed = held.is_folder(info) and info.st_mode & 128 == 0
  if closed then from:set_mode(name, info.st_mode & mode.bits | mode.folder) end
  into:check(as, os.rename(from:at(name), into:at(as)))
  if closed then into:set_mode(as, info.st_mode & mode.bits) end
end

-- Does `each(from, name, into)` with all that is not a directory in both.
local function merge(from, into, each)
  for _, name in ipairs(from:names()) do
    local folder = held.is_folder(from:look(name))
    local there = hold_against(into, name, folder and "directory" or "file")
    if folder and there then
      local inner <close> = from:enter(name)
      local other <close> = into:enter(name)
      merge(inner, other, each)
    else
      each(from, name, into)
    end
  end
end

-- What is aside comes to its place: a directory by name, or what is in it, one after the other.
-- `root`: { mode, mtime } of a directory that is new.
function stage:commit(root)
  if self.name then
    move(self.folder, stage.NAME, self.into, self.name)
    if root then self.into:set_mode(self.name, root.mode & mode.kept) end
    return
  end
  local made <close> = self.folder:enter(stage.NAME)
  made.shown = self.into.shown
  merge(made, self.into, function() end)
  merge(made, self.into, function(from, name, into) move(from, name, into, name) end)
end

-- What cannot be removed keeps a name that says what it is.
function stage:__close()
  self.folder:close()
  pcall(self.into.remove, self.into, self.aside)
end

return stage

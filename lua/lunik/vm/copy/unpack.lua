-- SPDX-License-Identifier: MIT
-- What comes from a guest, a tar stream or the bytes of a file, put below a directory that is held
-- and that nobody else has made. It is hostile: nothing leaves that directory, nothing is followed,
-- nothing is written twice, no device and no bit that lets a program run as another comes to be.
local core = require "lunik.core"
local fcntl = require "posix.fcntl"
local held = require "lunik.vm.copy.held"
local mode = require "lunik.system.mode"
local stat = require "posix.sys.stat"
local tar = require "lunik.vm.copy.tar"
local unistd = require "posix.unistd"

local unpack = {}

local PIECE = 64 << 10
local ZEROS = ("\0"):rep(PIECE)
local NEW = fcntl.O_WRONLY | fcntl.O_CREAT | fcntl.O_EXCL | fcntl.O_CLOEXEC | core.folder.NOFOLLOW
local FAR = 1 << 40                          -- no file is of a later time, in seconds

-- A file that is written piece by piece; what is nothing but zeros becomes a hole.
local writer = {}
writer.__index = writer

local function create(folder, name, shown)
  shown = shown or folder:path(name)
  local fd = held.must(shown, fcntl.open(folder:at(name), NEW, mode.file))
  return setmetatable({ fd = fd, folder = folder, name = name, shown = shown, size = 0 }, writer)
end

function writer:put(bytes)
  self.size = self.size + #bytes
  self.hole = #bytes == PIECE and bytes == ZEROS
  if self.hole then
    return held.must(self.shown, unistd.lseek(self.fd, #bytes, unistd.SEEK_CUR))
  end
  while bytes ~= "" do
    bytes = bytes:sub(held.must(self.shown, unistd.write(self.fd, bytes)) + 1)
  end
end

function writer:finish(entry)
  if self.hole then held.must(self.shown, unistd.ftruncate(self.fd, self.size)) end
  held.must(self.shown,
            stat.chmod(("/proc/self/fd/%d"):format(self.fd), entry.mode & mode.kept))
  if entry.mtime then self.folder:touch(self.name, entry.mtime, entry.nanos) end
end

function writer:__close()
  unistd.close(self.fd)
end

local reader = {}
reader.__index = reader

local function refuse(self, name, why)
  held.fail(self.shown .. "/" .. name, "refused", why)
end

-- Exactly so many bytes of the stream, which is asked for more as long as there are too few.
local function take(self, count)
  while #self.buffer - self.used < count do
    self.buffer, self.used = self.buffer:sub(self.used + 1) .. coroutine.yield(), 0
  end
  local bytes = self.buffer:sub(self.used + 1, self.used + count)
  self.used = self.used + count
  return bytes
end

-- Passes so many bytes on, in pieces.
local function pass(self, size, put)
  local left = size
  while left > 0 do
    local bytes = take(self, math.min(left, PIECE))
    put(bytes)
    left = left - #bytes
  end
  take(self, -size % tar.BLOCK)
end

-- A path of the stream as the names that lead there from the top.
local function names_of(self, path)
  local names = {}
  if path:sub(1, 1) == "/" then refuse(self, path, "the guest names a path that is not below") end
  if path:find "%z" then refuse(self, path, "the guest names a path with a NUL byte") end
  for name in path:gmatch "[^/]+" do
    if name == ".." then refuse(self, path, "the guest names a path that is not below") end
    if name ~= "." then names[#names + 1] = name end
  end
  return names
end

-- The directory that something is to be put into, and the name there.
local function place(self, names)
  local name = table.remove(names)
  local key = table.concat(names, "/")
  if self.at ~= key then
    if self.folder then self.folder:close() end
    self.folder, self.at = self.top:walk(names), key
  end
  return self.folder, name
end

local makers = {}

function makers.directory(self, entry, names)
  local found = { names = names, mode = entry.mode & mode.kept, mtime = entry.mtime,
                  nanos = entry.nanos }
  if #names == 0 then
    self.root = found
    return
  end
  local folder, name = place(self, table.move(names, 1, #names, 1, {}))
  folder:check(name, stat.mkdir(folder:at(name), mode.folder))
  table.insert(self.folders, found)
end

function makers.file(self, entry, names)
  local folder, name = place(self, names)
  local out <close> = create(folder, name)
  pass(self, entry.size, function(bytes)
    out:put(bytes)
    self.told(#bytes)
  end)
  out:finish(entry)
end

function makers.symlink(self, entry, names)
  local folder, name = place(self, names)
  if entry.target:find "%z" then refuse(self, entry.name, "a link with a NUL byte") end
  folder:check(name, unistd.link(entry.target, folder:at(name), true))
  folder:touch(name, entry.mtime, entry.nanos)
end

-- A second name of a file that came before.
function makers.link(self, entry, names)
  local target = names_of(self, entry.target)
  local last = table.remove(target)
  if not last then refuse(self, entry.name, "a link to what is no file") end
  local from <close> = self.top:walk(target)
  local info = from:look(last)
  if not info or stat.S_ISREG(info.st_mode) == 0 then
    refuse(self, entry.name, "a link to what is no file")
  end
  local folder, name = place(self, names)
  folder:check(name, unistd.link(from:at(last), folder:at(name)))
end

local function special(self, entry, names)
  local path = self.shown .. "/" .. table.concat(names, "/")
  table.insert(self.skipped, ("%s: is a %s"):format(path, entry.kind))
end

makers.device, makers["character device"], makers.fifo = special, special, special

-- What a header says about the header that follows.
local extensions = {}

extensions["long name"] = function(fields, data) fields.name = data:match "^[^\0]*" end
extensions["long link"] = function(fields, data) fields.target = data:match "^[^\0]*" end
extensions.global = function() end

function extensions.extended(fields, data)
  local ok, why = tar.extend(fields, data)
  if not ok then held.fail("the guest's tar", "refused", why) end
end

-- The next entry, with all that is said of it | nil at the end
local function next_entry(self)
  local fields = {}
  while true do
    local entry, why = tar.read(take(self, tar.BLOCK))
    if why then held.fail("the guest's tar", "refused", why) end
    local extend = entry and extensions[entry.kind]
    if not extend then
      for key, value in pairs(entry and fields or {}) do entry[key] = value end
      return entry
    end
    if entry.size > tar.EXTENDED then
      held.fail("the guest's tar", "refused", "a header too long")
    end
    local data = take(self, entry.size)
    take(self, -entry.size % tar.BLOCK)
    extend(fields, data)
  end
end

-- Directories get their modes and times once nothing is put into them any more.
local function finish_folders(self)
  if self.folder then self.folder:close() end
  for i = #self.folders, 1, -1 do
    local each = self.folders[i]
    local names = table.move(each.names, 1, #each.names, 1, {})
    local name = table.remove(names)
    local folder <close> = self.top:walk(names)
    folder:set_mode(name, each.mode)
    folder:touch(name, each.mtime, each.nanos)
  end
  self.top:touch(".", self.root.mtime, self.root.nanos)
end

local function read_tree(self)
  for entry in next_entry, self do
    if math.abs(entry.mtime) > FAR then entry.mtime = 0 end
    local names = names_of(self, entry.name)
    if entry.kind == "file" and entry.name:sub(-1) == "/" then entry.kind = "directory" end
    if #names == 0 and entry.kind ~= "directory" then
      refuse(self, entry.name, "the guest names the directory itself")
    end
    makers[entry.kind](self, entry, names)
    if entry.kind ~= "file" then pass(self, entry.size, function() end) end
  end
  finish_folders(self)
  self.ended = true
  while true do coroutine.yield() end
end

-- Takes a tar stream in, below `top`, a directory that is held: feed(bytes), then whole(), whether
-- its end has come; `root`, { mode, mtime } of the top itself, which is its user's alone for now.
-- options: shown (how the top is called), told(bytes), skipped (a list to add to)
function unpack.tree(top, options)
  local self = setmetatable({ top = top, shown = options.shown, told = options.told, buffer = "",
                              used = 0, skipped = options.skipped, folders = {},
                              root = { mode = mode.folder, mtime = 0 } }, reader)
  self.steps = coroutine.create(read_tree)
  self:feed(self)
  return self
end

function reader:feed(bytes)
  local ok, why = coroutine.resume(self.steps, bytes)
  if ok then return end
  self:close()
  error(why, 0)
end

function reader:close()
  coroutine.close(self.steps)
  if self.folder then self.folder:close() end
end

function reader:whole() return self.ended end

-- Takes the bytes of one file in, as `name` in `folder`: feed(bytes), then finish { mode, mtime }
function unpack.file(folder, name, shown, told)
  local out, held_back = create(folder, name, shown), ""
  local self = {}
  function self.close() out:__close() end
  function self.feed(_, bytes)
    held_back = held_back .. bytes
    told(#bytes)
    while #held_back >= PIECE do
      out:put(held_back:sub(1, PIECE))
      held_back = held_back:sub(PIECE + 1)
    end
  end
  function self.finish(_, entry)
    if held_back ~= "" then out:put(held_back) end
    out:finish(entry)
  end
  return self
end

return unpack

-- SPDX-License-Identifier: MIT
-- A tree of the host as a tar stream: files, directories and links; what is another thing is named,
-- not packed. Nothing is followed but the path that was asked for.
local core = require "lunik.core"
local held = require "lunik.vm.copy.held"
local file = require "lunik.system.file"
local fcntl = require "posix.fcntl"
local mode = require "lunik.system.mode"
local tar = require "lunik.vm.copy.tar"
local unistd = require "posix.unistd"

local pack = {}

local PIECE = 256 << 10
local BLOCK = 4096         -- bytes of what has data or a hole
local WORTH = 1 << 20      -- bytes of holes below which nobody minds
local MOST = 500           -- pieces of data in a file, each of which a program is run for
local SEEK_DATA, SEEK_HOLE = 3, 4      -- <unistd.h>; luaposix has no names for them

-- A coroutine as a function, which is closed where nobody wants the rest.
local function steps(fn)
  local co = coroutine.create(fn)
  return setmetatable({}, {
    __call = function()
      local ok, value = coroutine.resume(co)
      if ok then return value end
      coroutine.close(co)
      error(value, 0)
    end,
    __close = function() coroutine.close(co) end })
end

local function closing(fd)
  return setmetatable({}, { __close = function() unistd.close(fd) end })
end

-- Gives put(bytes) so many bytes of a file, in pieces.
local function pour(fd, size, shown, put)
  local left = size
  while left > 0 do
    local bytes = held.must(shown, unistd.read(fd, math.min(left, PIECE)))
    if bytes == "" then held.fail(shown, "failed", "it became shorter while it was read") end
    put(bytes)
    left = left - #bytes
  end
end

-- Opens a file in a directory that is held: a descriptor, what it is
local function open(folder, name)
  local fd, why, code = file.open(folder:at(name), fcntl.O_RDONLY | core.folder.NOFOLLOW)
  folder:check(name, fd, why, code)
  return fd, held.exactly(require "posix.sys.stat".fstat(fd), fd)
end

-- Where a file with holes has data, { from, to } in whole blocks | nil where it has none that are
-- worth it, or too many
local function data_of(fd, info)
  if info.st_blocks * 512 + WORTH > info.st_size then return nil end
  local list, at = {}, 0
  while at < info.st_size and #list <= MOST do
    local from = unistd.lseek(fd, at, SEEK_DATA)
    local to = from and unistd.lseek(fd, from, SEEK_HOLE)
    if not to then break end
    from, to = from // BLOCK * BLOCK, math.min(info.st_size, (to + BLOCK - 1) // BLOCK * BLOCK)
    local last = list[#list]
    if last and last.to >= from then
      last.to = to
    else
      list[#list + 1] = { from = from, to = to }
    end
    at = to
  end
  unistd.lseek(fd, 0, unistd.SEEK_SET)
  return #list <= MOST and list or nil
end

-- What sets the time of an entry. busybox knows whole seconds only.
local function touched(entry, path)
  local seconds = math.max(0, entry.mtime)
  return { "sh", "-c", 'touch -d "@$1.$2" "$3" 2>/dev/null || touch -d "@$1" "$3"', "sh",
           ("%d"):format(seconds), ("%09d"):format(entry.nanos or 0), path }
end

-- A file with holes, for a tar that knows none: a file that has its data alone, an empty one in its
-- place, and what is to be run to put the data there.
local function put_data(self, fd, entry, list, shown)
  local from, size = "data" .. #self.after, 0
  for _, each in ipairs(list) do size = size + each.to - each.from end
  self.put(tar.header { kind = "file", name = from, mode = mode.file, mtime = 0, size = size })
  local at = 0
  for _, each in ipairs(list) do
    unistd.lseek(fd, each.from, unistd.SEEK_SET)
    pour(fd, each.to - each.from, shown, function(bytes)
      self.put(bytes)
      self.told(#bytes)
    end)
    local blocks = (each.to - each.from + BLOCK - 1) // BLOCK
    table.insert(self.after, { "dd", "bs=" .. BLOCK, "conv=notrunc", "if=" .. from,
      "of=" .. entry.name, "skip=" .. at, "seek=" .. each.from // BLOCK, "count=" .. blocks })
    at = at + blocks
  end
  self.put(tar.padding(size))
  self.put(tar.header { kind = "file", name = entry.name, mode = mode.file, mtime = entry.mtime })
  for _, argv in ipairs { { "dd", "bs=1", "if=/dev/null", "of=" .. entry.name,
    "seek=" .. entry.size }, { "rm", from }, { "chmod", ("%o"):format(entry.mode), entry.name },
    touched(entry, entry.name) } do
    table.insert(self.after, argv)
  end
end

local packers = {}

function packers.file(self, folder, name, path)
  local fd, info = open(folder, name)
  local _ <close> = closing(fd)
  local key = info.st_nlink > 1 and info.st_dev .. ":" .. info.st_ino
  local entry = { kind = "file", name = path, mode = info.st_mode & mode.kept,
                  mtime = info.st_mtime, nanos = info.nanos, size = info.st_size }
  if key and self.seen[key] then
    entry.kind, entry.size, entry.target = "link", 0, self.seen[key]
    return self.put(tar.header(entry))
  end
  if key then self.seen[key] = path end
  local list = self.after and data_of(fd, info)
  if list then return put_data(self, fd, entry, list, folder:path(name)) end
  self.put(tar.header(entry))
  pour(fd, info.st_size, folder:path(name), function(bytes)
    self.put(bytes)
    self.told(#bytes)
  end)
  self.put(tar.padding(info.st_size))
end

function packers.symlink(self, folder, name, path, info)
  self.put(tar.header { kind = "symlink", name = path, mode = info.st_mode & mode.kept,
                        mtime = info.st_mtime, nanos = info.nanos,
                        target = folder:check(name, unistd.readlink(folder:at(name))) })
end

-- A directory stands before what is in it, and with `twice` behind it once more: some tars give it
-- its mode and time at once.
function packers.directory(self, folder, name, path, info)
  local entry = { kind = "directory", name = path .. "/", mode = info.st_mode & mode.kept,
                  mtime = info.st_mtime, nanos = info.nanos }
  local inner <close> = folder:enter(name)
  local first = { kind = "directory", name = entry.name, mtime = entry.mtime, nanos = entry.nanos,
                  mode = self.twice and entry.mode | mode.folder or entry.mode }
  self.put(tar.header(first))
  if self:all(inner, path) and self.after then
    table.insert(self.after, touched(entry, path))
  end
  if self.twice then self.put(tar.header(entry)) end
end

local packer = {}
packer.__index = packer

function packer:one(folder, name, path)
  local info = folder:look(name)
  if not info then return end          -- it has gone since it was listed
  local kind = held.is_link(info) and "symlink" or file.kind(info)
  if packers[kind] then
    packers[kind](self, folder, name, path, info)
    return kind == "symlink" or kind == "file" and info.st_nlink > 1
  end
  table.insert(self.skipped, ("%s: is a %s"):format(folder:path(name), kind or "?"))
end

-- Whether any of them is a link, of either kind.
function packer:all(folder, path)
  local linked = false
  for _, name in ipairs(folder:names()) do
    linked = self:one(folder, name, path .. "/" .. name) or linked
  end
  return linked
end

-- A function that gives the directory `folder` as a tar stream, piece by piece, below the name
-- `root`; raises held.fail's. options: twice (above), told(bytes), skipped (a list to add to),
-- after (a list for the argument vectors of what is to be run when all is there, for a tar that
-- knows no holes, and for busybox, which makes some links last of all)
function pack.tree(folder, root, options)
  return steps(function()
    local self = setmetatable({ seen = {}, put = coroutine.yield, twice = options.twice,
                                after = options.after, told = options.told,
                                skipped = options.skipped }, packer)
    packers.directory(self, folder, ".", root, folder:look ".")
    self.put(tar.FINISH)
  end)
end

-- Where an open file has data, { from, to } each.
function pack.data(source)
  return data_of(source.fd, require "posix.sys.stat".fstat(source.fd))
         or { { from = 0, to = source.size } }
end

-- The same of a single file with holes, { fd, size, shown, mode, mtime, nanos } | nil where it has
-- none
function pack.holed(source, root, options)
  local list = data_of(source.fd, require "posix.sys.stat".fstat(source.fd))
  return list and steps(function()
    put_data({ put = coroutine.yield, told = options.told, after = options.after }, source.fd,
             { name = root, size = source.size, mode = source.mode, mtime = source.mtime,
               nanos = source.nanos }, list, source.shown)
    coroutine.yield(tar.FINISH)
  end)
end

-- The same of a file's bytes as they are.
function pack.file(fd, size, shown, told)
  return steps(function()
    pour(fd, size, shown, function(bytes)
      coroutine.yield(bytes)
      told(#bytes)
    end)
  end)
end

-- Opens a file in a directory that is held: a descriptor, what it is
pack.open = open

-- How many bytes the files below a directory have.
function pack.size(folder)
  local size = 0
  for _, name in ipairs(folder:names()) do
    local info = folder:look(name)
    local kind = not held.is_link(info) and file.kind(info)
    if kind == "directory" then
      local inner <close> = folder:enter(name)
      size = size + pack.size(inner)
    elseif kind == "file" then
      size = size + info.st_size
    end
  end
  return size
end

return pack

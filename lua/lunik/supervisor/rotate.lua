-- SPDX-License-Identifier: MIT
-- Keeps logs below a size while other programs hold them open: what is too long is copied to a
-- second file, and the first made empty. Those who write append, so they go on at its beginning.
-- Sleeps on inotify: logs that nobody writes to cost nothing.
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local file = require "lunik.system.file"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local rotate = {}
rotate.__index = rotate

local SIZE = 8 << 20
local PIECE = 1 << 16

-- options: size (bytes), tell(kind, text)
function rotate.new(loop, options)
  return setmetatable({ loop = loop, size = options.size or SIZE, tell = options.tell,
                        paths = {} }, rotate)
end

-- A log that does not exist yet is made, empty. What cannot be watched is told, and grows. A device
-- may come or go while its machine ends: then there is nothing to watch any more.
function rotate:add(path)
  if self.closed then return end
  local why, fd
  if not self.watch then self.watch, why = core.watch.open() end
  if self.watch then fd, why = file.appender(path) end
  if fd then
    unistd.close(fd)
    local number
    number, why = self.watch:add(path, "modify")
    if number then self.paths[number] = path return true end
  end
  self.tell("problem", ("log %s: not watched, and may grow: %s"):format(path, why))
end

-- A log that is not written to any more.
function rotate:remove(path)
  for number, each in pairs(self.paths) do
    if each == path then
      self.watch:remove(number)
      self.paths[number] = nil
    end
  end
end

local function all(fd, bytes)
  while #bytes > 0 do
    local n, why = unistd.write(fd, bytes)
    if not n then return nil, why end
    bytes = bytes:sub(n + 1)
  end
  return true
end

-- Copies to the end of what there is at this moment: true | nil, why
local function copy(self, from, to)
  while true do
    local bytes, why = unistd.read(from, PIECE)
    if not bytes then return nil, why end
    if bytes == "" then return true end
    local ok
    ok, why = all(to, bytes)
    if not ok then return nil, why end
    if #bytes == PIECE then self.loop:pass() end
  end
end

local function closing(fd)
  return defer(function() unistd.close(fd) end)
end

-- Copies what there is to a second file: its descriptor | nil, why
local function keep(self, from, path)
  local part = path .. ".1.tmp"
  local to, why = file.new(part)
  if not to then return nil, why end
  local ok
  ok, why = copy(self, from, to)
  if ok then ok, why = os.rename(part, path .. ".1") end
  if ok then return to end
  unistd.close(to)
  unistd.unlink(part)
  return nil, why
end

-- The file is made empty at once after its last byte is read: little can come in between. Whoever
-- follows it finds what was in it by its second name then.
local function turn(self, path)
  local from, why = file.open(path, fcntl.O_RDWR)
  if not from then return nil, why end
  local _ <close> = closing(from)
  local to, ok
  to, why = keep(self, from, path)
  ok = to ~= nil
  if to then
    ok, why = copy(self, from, to)
    unistd.close(to)
  end
  unistd.ftruncate(from, 0)
  return ok, why
end

local function look(self, path)
  local found = stat.stat(path)
  if not found or found.st_size <= self.size then return end
  local ok, why = turn(self, path)
  if ok then return end
  self.tell("problem", ("log %s: what was in it is lost: %s"):format(path, why))
end

-- Every event that has come is taken before anything is looked at: a burst is one look.
local function changed(self)
  local found = {}
  while true do
    local event, _, code = self.watch:next(0)
    if not event then return found, code == errno.ETIMEDOUT end
    if self.paths[event.wd] then found[self.paths[event.wd]] = true end
  end
end

-- A task's work, until it is cancelled.
function rotate:work()
  for _, path in pairs(self.paths) do look(self, path) end
  while self.watch do
    self.loop:wait(self.watch:fd(), "r")
    local found, sound = changed(self)
    for path in pairs(found) do look(self, path) end
    if not sound then return self.tell("problem", "logs are not watched any more") end
  end
end

function rotate:close()
  if self.watch then self.watch:close() end
  self.watch, self.paths, self.closed = nil, {}, true
end

return rotate

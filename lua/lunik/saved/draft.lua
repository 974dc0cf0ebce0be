-- SPDX-License-Identifier: MIT
-- A saved machine while it is being written: a folder beside its place, `.NAME.partial-…`, for this
-- user alone, in which everything is summed up, synced, and which then gets its name. Until then
-- there is no saved machine, and from then on a whole one. A lock in there tells a draft that is
-- being written from one whose writer has died, which the next of the same name removes.
--
--   local draft <close> = draft.new(path)     undone where it is left without finish
--   fd = draft:create "state"                 a new file, to be written by whoever; its descriptor
--   draft:write("recipe", text)               the same, with a text
--   draft:copy("memory", fd, pass)            … with what is in another file, its holes left out
--   draft:pack("memory", path, loop, pass)    … with what is in the file at a path, compressed
--   draft:sum("state", pass)                  sums up what somebody has written
--   draft:describe(record), draft:sync_all(), draft:publish(), or draft:finish(record), which is
--   these three                               all is there: true | nil, why
--
-- `pass()` is called now and then by what takes long. Files lie flat or in one folder, `disks/a`.
-- The sum of machine.json lies in machine.sha256, as sha256sum(1) writes it.
local core = require "lunik.core"
local dirent = require "posix.dirent"
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local folder = require "lunik.system.folder"
local layout = require "lunik.saved.layout"
local mode = require "lunik.system.mode"
local packed = require "lunik.saved.packed"
local record = require "lunik.saved.record"
local stat = require "posix.sys.stat"
local sums = require "lunik.saved.sums"
local unistd = require "posix.unistd"

local draft = {}
draft.__index = draft

local LOCK = "partial.lock"

local function prefix(path)
  return ("%s/.%s.partial-"):format(folder.parent(path), layout.base(path))
end

-- Removes a draft whose writer has died: one that can be locked.
local function remove_dead(path)
  local lock = core.lock.take(path .. "/" .. LOCK)
  if not lock then return end
  layout.remove(path)
  unistd.unlink(path .. "/" .. LOCK)
  unistd.rmdir(path)
  lock:close()
end

-- Whether a folder is one that this user alone writes to.
local function is_ours(path)
  local info = stat.lstat(path)
  return info and stat.S_ISDIR(info.st_mode) ~= 0 and info.st_uid == unistd.geteuid()
         and info.st_mode & mode.others == 0
end

-- Removes what writers that have died have left of the saved machine that was to lie at `path`.
function draft.clean(path)
  local stem = prefix(path)
  local above, base = folder.parent(path), stem:match "[^/]*$"
  for _, name in ipairs(dirent.dir(above) or {}) do
    if name:sub(1, #base) == base and name:find("^%x+$", #base + 1)
       and is_ours(above .. "/" .. name) then
      remove_dead(above .. "/" .. name)
    end
  end
end

local function random()
  local source <close> = assert(io.open("/dev/urandom", "rb"))
  return (source:read(8):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

-- Begins the saved machine that is to lie at `path`, which is absolute: draft | nil, why
function draft.new(path)
  local ok, why = layout.is_name(layout.base(path))
  if not ok then return nil, ("%s: %s"):format(path, why) end
  if stat.lstat(path) then return nil, path .. ": is there already" end
  local above = stat.stat(folder.parent(path))
  if not above then return nil, folder.parent(path) .. ": no such folder" end
  draft.clean(path)
  local self = setmetatable({ place = path, path = prefix(path) .. random(), files = {} }, draft)
  ok, why = stat.mkdir(self.path, mode.folder)
  if ok then self.lock, why = core.lock.take(self.path .. "/" .. LOCK) end
  if self.lock then return self end
  if ok == 0 then unistd.rmdir(self.path) end
  return nil, "mkdir " .. why
end

local function at(self, name) return self.path .. "/" .. name end

-- Makes the folder of a file, where it has one.
local function folder_of(self, name)
  local inner = name:match "^(.*)/"
  if not inner or stat.lstat(at(self, inner)) then return true end
  local ok, why = stat.mkdir(at(self, inner), mode.folder)
  return ok and true, why
end

-- An empty file of that name: its descriptor, which the caller closes | nil, why
function draft:create(name)
  assert(layout.is_file(name), name)
  local ok, why = folder_of(self, name)
  if not ok then return nil, why end
  self.files[name] = false
  return fcntl.open(at(self, name), fcntl.O_RDWR | fcntl.O_CREAT | fcntl.O_EXCL | fcntl.O_CLOEXEC,
                    mode.file)
end

-- Has a file that nobody writes to be one of its own, too: true | false where that cannot be, as
-- on another file system | nil, why
function draft:link(name, path)
  assert(layout.is_file(name), name)
  local ok, why = folder_of(self, name)
  if not ok then return nil, why end
  local code
  ok, why, code = unistd.link(path, at(self, name))
  self.files[name] = not ok and self.files[name]
  if code == errno.EXDEV or code == errno.EPERM or code == errno.EMLINK then return false end
  return ok and true, why and "link " .. why
end

local function noted(self, name, entry, why)
  if not entry then return nil, ("%s: %s"):format(name, why) end
  self.files[name] = entry
  return true
end

function draft:copy(name, from, pass)
  local fd, why = self:create(name)
  if not fd then return nil, why end
  local entry
  entry, why = sums.of(from, pass, fd)
  unistd.close(fd)
  return noted(self, name, entry, why)
end

function draft:pack(name, path, loop, pass)
  local fd, why = self:create(name)
  if not fd then return nil, why end
  local ok, entry
  ok, why = sums.reading(path, function(from) return packed.pack(loop, from, fd) end)
  local bytes = stat.fstat(fd).st_size
  unistd.close(fd)
  if ok then entry, why = sums.reading(path, function(from) return sums.of(from, pass) end) end
  if entry then entry.packed = bytes end
  return noted(self, name, entry, why)
end

function draft:sum(name, pass)
  return noted(self, name, sums.reading(at(self, name), function(fd)
    return sums.of(fd, pass)
  end))
end

local function written(fd, text)
  local why
  while #text > 0 do
    local n
    n, why = unistd.write(fd, text)
    if not n then return nil, why end
    text = text:sub(n + 1)
  end
  return true
end

-- A file that is in no list: machine.json and its sum.
local function put(self, name, text)
  local fd, why = self:create(name)
  if not fd then return nil, why end
  local ok
  ok, why = written(fd, text)
  unistd.close(fd)
  if ok then return true end
  return nil, ("%s: %s"):format(name, why)
end

function draft:write(name, text)
  local ok, why = put(self, name, text)
  if not ok then return nil, why end
  return self:sum(name)
end

-- Has what is in a file, or which names a folder has, survive a loss of power: true | nil, why
function draft.sync(path, is_folder)
  local fd, why = fcntl.open(path, fcntl.O_RDONLY | fcntl.O_CLOEXEC
                                   | (is_folder and core.folder.DIRECTORY or 0))
  if not fd then return nil, why end
  local ok, code
  ok, why, code = unistd.fsync(fd)
  unistd.close(fd)
  -- some file systems cannot sync a folder, and need not
  if ok or is_folder and code == errno.EINVAL then return true end
  return nil, ("sync %s: %s"):format(path, why)
end

-- Syncs the files, then the folders that name them: true | nil, why
function draft:sync_all()
  local folders = { self.path }
  for name in pairs(self.files) do
    local ok, why = draft.sync(at(self, name))
    if not ok then return nil, why end
    local inner = name:match "^(.*)/"
    if inner then folders[#folders + 1] = at(self, inner) end
  end
  for i = #folders, 1, -1 do
    local ok, why = draft.sync(folders[i], true)
    if not ok then return nil, why end
  end
  return true
end

-- Writes down what the machine is (lunik.saved.record), whose files are there: true | nil, why
function draft:describe(machine, pass)
  local files = {}
  for name, entry in pairs(self.files) do
    if not entry then
      local ok, why = self:sum(name, pass)
      if not ok then return nil, why end
    end
    files[name] = self.files[name]
  end
  machine.files = files
  local text, why = record.encode(machine)
  if not text then return nil, why end
  local ok
  ok, why = put(self, layout.RECORD, text)
  if not ok then return nil, why end
  return put(self, layout.SUM, ("%s  %s\n"):format(core.copy.sha256(text), layout.RECORD))
end

-- Gives the saved machine its name: true | nil, why. Nothing is at `place` unless this says so.
function draft:publish()
  unistd.unlink(at(self, LOCK))
  if stat.lstat(self.place) then return nil, self.place .. ": is there already" end
  local ok, why = os.rename(self.path, self.place)
  if not ok then return nil, "rename " .. why end
  ok, why = draft.sync(folder.parent(self.place), true)
  if not ok then
    os.rename(self.place, self.path)
    return nil, why
  end
  self.finished = true
  self.lock:close()
  return true
end

-- All that is left to do once its files are there: true | nil, why
function draft:finish(machine)
  local ok, why = self:describe(machine)
  if ok then ok, why = self:sync_all() end
  if ok then ok, why = self:publish() end
  return ok, why
end

-- Undoes what is not finished.
function draft:close()
  if self.finished or self.closed then return end
  self.closed = true
  layout.remove(self.path)
  unistd.unlink(at(self, LOCK))
  unistd.rmdir(self.path)
  self.lock:close()
end
draft.__close = draft.close

return draft

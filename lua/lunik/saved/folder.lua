-- SPDX-License-Identifier: MIT
-- A saved machine on disk, read as if anybody had written it: regular files in bounded sizes, no
-- links, nothing that is not in its list. lunik.saved.draft writes one.
--
-- Sums tell damage and are no authenticity: whoever can write the folder can write the sums. To
-- restore what somebody else has saved is to run whatever he has put into that machine.
local core = require "lunik.core"
local draft = require "lunik.saved.draft"
local fcntl = require "posix.fcntl"
local file = require "lunik.system.file"
local layout = require "lunik.saved.layout"
local mode = require "lunik.system.mode"
local packed = require "lunik.saved.packed"
local record = require "lunik.saved.record"
local records = require "lunik.store.records"
local shape = require "lunik.store.shape"
local sorted = require "lunik.text.sorted"
local stat = require "posix.sys.stat"
local sums = require "lunik.saved.sums"
local unistd = require "posix.unistd"

local folder = {}
folder.__index = folder

local function named(name, why) return ("%s: %s"):format(name, why) end

-- A file of it, to read: descriptor, what stat says | nil, why
local function open(path, name)
  local fd, why = file.open(path .. "/" .. name, fcntl.O_RDONLY | core.folder.NOFOLLOW)
  if not fd then
    local info = stat.lstat(path .. "/" .. name)
    if not info then return nil, name .. " is missing" end
    if stat.S_ISLNK(info.st_mode) ~= 0 then return nil, name .. " is a symbolic link" end
    return nil, why
  end
  return fd, stat.fstat(fd)
end

local function read(path, name, most)
  local fd, info = open(path, name)
  if not fd then return nil, info end
  local parts, left, why = {}, most + 1, nil
  if info.st_size <= most then
    local part
    repeat
      part, why = unistd.read(fd, math.min(left, 1 << 16))
      parts[#parts + 1], left = part, left - #(part or "")
    until not part or part == "" or left == 0
  else
    left = 0
  end
  unistd.close(fd)
  if why then return nil, named(name, why) end
  if left == 0 then return nil, named(name, ("is larger than %d bytes"):format(most)) end
  return table.concat(parts)
end

-- Who may have written it: a user's number where that is somebody else | nil, why
local function owner(path)
  local info = stat.stat(path)
  if not info then return nil, path .. ": no such file" end
  if stat.S_ISDIR(info.st_mode) == 0 then
    return nil, path .. ": is no folder of a saved machine"
  end
  if info.st_mode & mode.written_by_others ~= 0 then
    return nil, ("%s: others may write to it (mode %04o)"):format(path, info.st_mode & mode.bits)
  end
  return info.st_uid
end

-- What machine.json says, held against its sum | nil, why
local function described(path)
  if not stat.lstat(path .. "/" .. layout.RECORD) then
    return nil, "is no saved machine: it has no " .. layout.RECORD
  end
  local text, why = read(path, layout.RECORD, record.LARGEST)
  if not text then return nil, why end
  local line
  line, why = read(path, layout.SUM, 256)
  if not line then return nil, why end
  local sum = line:match("^(%x+)  " .. layout.RECORD:gsub("%.", "%%.") .. "\n$")
  if not sum then return nil, layout.SUM .. ": is not what it should be" end
  if core.copy.sha256(text) ~= sum then
    return nil, layout.RECORD .. ": is damaged (its sum is another)"
  end
  return record.decode(text)
end

-- What of its list is not as it should be, without a look at contents | nil
local function missing(path, files)
  for _, name in ipairs(sorted(files)) do
    if not layout.is_file(name) then return "machine.json: files: no file can be called so" end
    local fd, info = open(path, name)
    if not fd then return info end
    unistd.close(fd)
    local size = files[name].packed or files[name].size
    if info.st_size ~= size then
      return ("%s: has %d bytes, and was saved with %d"):format(name, info.st_size, size)
    end
  end
end

-- Opens the saved machine at `path`: { path, machine = its record, owner = a user's number where it
-- is not ours, used = the mark of a restore | nil } | nil, why. The sum of machine.json, and what
-- files there are and how large, is held against the record; of contents, see verify.
function folder.open(path)
  local uid, why = owner(path)
  if not uid then return nil, why end
  local machine
  machine, why = described(path)
  why = not machine and why or missing(path, machine.files)
  if why then return nil, ("%s: %s"):format(path, why) end
  return setmetatable({ path = path, machine = machine,
                        owner = uid ~= unistd.geteuid() and uid or nil,
                        used = folder.mark_of(path) }, folder)
end

-- A file of it, to read from: its descriptor, which the caller closes | nil, why
function folder:file(name)
  if not self.machine.files[name] then return nil, ("%s: it has no %s"):format(self.path, name) end
  local fd, why = open(self.path, name)
  if not fd then return nil, named(self.path, why) end
  return fd
end

-- Whether a sum is the one of a file of it: true | nil, why
function folder:is_sum(name, sum)
  if self.machine.files[name].sum == sum then return true end
  return nil, ("%s: %s: is damaged (its sum is another)"):format(self.path, name)
end

-- What is in a file that is compressed: its size and sum | nil, why
local function unpacked(self, name, from, to, pass, loop)
  local size = self.machine.files[name].size
  local scratch, why
  if not to then
    scratch, why = core.ram.new(name, size)
    if not scratch then return nil, why end
    to = scratch:fd()
  end
  local found, ok
  ok, why = packed.unpack(loop, from, to, size)
  if ok then found, why = sums.of(to, pass) end
  if scratch then scratch:close() end
  return found, why
end

-- Copies a file of it into `to`, and holds its sum against the record: true | nil, why. Of what is
-- wrong `to` has a part, or all. loop: in whose task this is, where one is.
function folder:copy(name, to, pass, loop)
  local fd, why = self:file(name)
  if not fd then return nil, why end
  local found
  if self.machine.files[name].packed then
    found, why = unpacked(self, name, fd, to, pass, loop)
  else
    found, why = sums.of(fd, pass, to)
  end
  unistd.close(fd)
  if not found then return nil, ("%s: %s: %s"):format(self.path, name, why) end
  return self:is_sum(name, found.sum)
end

-- Holds the sum of one file against the record: true | nil, why
function folder:check(name, pass) return self:copy(name, nil, pass) end

-- The same of all files, or of those that `names` has: a list of what is wrong.
function folder:verify(pass, names)
  local wrong = {}
  for _, name in ipairs(names or sorted(self.machine.files)) do
    local ok, why = self:check(name, pass)
    if not ok then wrong[#wrong + 1] = why end
  end
  return wrong
end

local MARK = { at = shape.integer, into = shape.text }

-- Marks it: it has been restored, so its disks have moved on: true | nil, why. Synced, for what
-- comes next cannot be taken back. mark: { at = seconds, into = the machine's name }
function folder:mark(mark)
  local path = self.path .. "/" .. layout.USED
  local text = core.json.encode { lunik = 1, at = mark.at, into = mark.into }
  local ok, why = records.write(path, text .. "\n")
  if ok then ok, why = draft.sync(path) end
  if ok then ok, why = draft.sync(self.path, true) end
  if ok then self.used = mark end
  return ok, why
end

-- The mark of a saved machine | nil. One that cannot be read is one.
function folder.mark_of(path)
  local place = path .. "/" .. layout.USED
  if not stat.lstat(place) then return nil end
  local object = records.object(place)
  return object and shape.read(MARK, object) or {}
end

-- Removes a saved machine with its files; what somebody else has put there stays: true | nil, why
function folder:remove()
  local ok, why = unistd.unlink(self.path .. "/" .. layout.RECORD)
  if not ok then return nil, "remove " .. why end
  ok, why = layout.remove(self.path)
  if not ok then return nil, why end
  ok, why = unistd.rmdir(self.path)
  return ok and true, why and "remove " .. why
end

return folder

-- SPDX-License-Identifier: MIT
-- Images as jobs have them: which of a machine's are only read, and copies that can be told from
-- others by their sum. Whoever waits for a large one may be called away.
local core = require "lunik.core"
local fcntl = require "posix.fcntl"
local file = require "lunik.system.file"
local header = require "lunik.host.image"
local host = require "lunik.host"
local unistd = require "posix.unistd"

local image = {}

image.INTERRUPTED = "interrupted"          -- why of what was given up

local function never() return false end

local function to_end(copier, stopped)
  local more, why
  repeat
    more, why = copier:step()
    if more and stopped() then return nil, image.INTERRUPTED end
  until not more
  if more == nil then return nil, why end
  local sum, bytes = copier:sum()
  return { sum = sum, bytes = bytes }
end

local function read(from, to, stopped)
  local copier <close>, why = core.copy.new(from, to)
  if not copier then return nil, why end
  return to_end(copier, stopped or never)
end

-- The sum and the size of a file: { sum, bytes } | nil, why
function image.sum(path)
  local from, why = file.open(path, fcntl.O_RDONLY)
  if not from then return nil, why end
  local found
  found, why = read(from)
  unistd.close(from)
  return found, why and ("%s: %s"):format(path, why)
end

-- Copies a file into an open one, until all of it is on the disk: { sum, bytes } | nil, why.
-- stopped(): whether to give up
function image.copy(path, to, stopped)
  local from, why = file.open(path, fcntl.O_RDONLY)
  if not from then return nil, why end
  local found, ok
  found, why = read(from, to, stopped)
  unistd.close(from)
  if not found then return nil, why end
  ok, why = unistd.fsync(to)
  return ok and found, why
end

-- Whether a disk's image is only read: a base of what is thrown away, or one that is read-only.
local function is_read(item)
  return item.family == "disk" and item.file and (item.overlay == true or item.readonly)
end

-- Whether an image stands on no other file, and so is whole in another place.
local function is_whole(item)
  local head = header.head(item.file, item.format, host)
  local said = head and header.read(item.format, head) or {}
  return head and not said.backing and not said.data and #(said.extents or {}) == 0
end

-- The paths of a machine's images that may be read from a copy: a list, and one of those that may
-- not for what they stand on
function image.bases(machine)
  local list, others = {}, {}
  for _, item in ipairs(machine.items) do
    if is_read(item) and host.kind(item.file) == "file" then
      table.insert(is_whole(item) and list or others, item.file)
    end
  end
  return list, others
end

-- Whether what a disk's guest writes is kept in a file, which a copy can stand for.
function image.is_kept(item)
  return item.family == "disk" and type(item.overlay) == "string"
         and host.kind(item.overlay) ~= "device"
end

-- What the first disk of a machine writes that is written where it lies | nil
function image.in_place(machine)
  for _, item in ipairs(machine.items) do
    local written = item.family == "disk" and not item.readonly and item.overlay ~= true
    if written and not image.is_kept(item) then return item.overlay or item.file end
  end
end

return image

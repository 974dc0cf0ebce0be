-- SPDX-License-Identifier: MIT
-- A qcow2 image that nobody else sees and that is gone when its descriptor is closed, however that
-- comes about: docs/interop/qcow2.txt of QEMU.
local fcntl = require "posix.fcntl"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

local BITS = 16
local CLUSTER = 1 << BITS
-- Bytes of the disk that an entry of the L1 table stands for.
local COVERED = CLUSTER // 8 << BITS
local MODE = tonumber("600", 8)

local function padded(text) return text .. ("\0"):rep(-#text % CLUSTER) end

-- An empty image: header, refcount table, refcount block, L1 table, a cluster or more each.
local function image(size)
  local entries = math.max(1, (size + COVERED - 1) // COVERED)
  local table_clusters = (entries * 8 + CLUSTER - 1) // CLUSTER
  local header = (">c4I4I8I4I4I8I4I4I8I8I4I4I8"):pack("QFI\xfb", 2, 0, 0, BITS, size, 0, entries,
    3 * CLUSTER, CLUSTER, 1, 0, 0)
  return padded(header) .. padded((">I8"):pack(2 * CLUSTER))
    .. padded(("\0\1"):rep(3 + table_clusters)), (3 + table_clusters) * CLUSTER
end

local function folder() return os.getenv "TMPDIR" or "/tmp" end

-- A file without a name: a descriptor | nil, why
local function nameless()
  local fd = fcntl.open(folder(), fcntl.O_TMPFILE | fcntl.O_RDWR | fcntl.O_CLOEXEC, MODE)
  if fd then return fd end
  local path
  fd, path = stdlib.mkstemp(folder() .. "/lunik-XXXXXX")
  if not fd then return nil, path end
  unistd.unlink(path)
  return fd
end

-- An empty image of so many bytes: a descriptor | nil, why
return function(size)
  local fd, why = nameless()
  if not fd then return nil, "scratch image: " .. why end
  local text, whole = image(size)
  local written
  written, why = unistd.write(fd, text)
  if written == #text and unistd.ftruncate(fd, whole) then return fd end
  unistd.close(fd)
  return nil, "scratch image: " .. (why or "no room")
end

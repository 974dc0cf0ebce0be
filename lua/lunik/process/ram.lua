-- SPDX-License-Identifier: MIT
-- The memory of a guest that is kept: files without a name, which QEMU maps. They are QEMU's alone,
-- and known by their names among its descriptors, so that whoever adopts the machine has them, too.
local core = require "lunik.core"
local dirent = require "posix.dirent"
local unistd = require "posix.unistd"

local ram = {}

local STEM = "lunik-"
local NAMED = "^/memfd:lunik%-(%S+) %(deleted%)$"

-- Memory of so many bytes under the id of the object that QEMU makes of it | nil, why
function ram.new(id, bytes) return core.ram.new(STEM .. id, bytes) end

-- Where a process's memory can be opened: paths by id.
function ram.of(pid)
  local found, folder = {}, ("/proc/%d/fd"):format(pid)
  local there, entries = pcall(dirent.dir, folder)
  for _, entry in ipairs(there and entries or {}) do
    local path = folder .. "/" .. entry
    local id = (unistd.readlink(path) or ""):match(NAMED)
    if id then found[id] = path end
  end
  return found
end

return ram

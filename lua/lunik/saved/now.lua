-- SPDX-License-Identifier: MIT
-- What lunik.saved.compare holds a saved machine against: its recipe as it lies on this host, read
-- and checked, and what is asked of the host; nothing is started.
local core = require "lunik.core"
local host = require "lunik.host"
local outline = require "lunik.change.outline"
local shadow = require "lunik.saved.shadow"
local stat = require "posix.sys.stat"

local now = {}

-- The QEMU that would run it | nil, why
local function qemu_of(machine)
  local name = machine.qemu or "qemu-system-" .. machine.arch
  local path = host.program(name)
  if not path then return nil, name .. " is not in PATH" end
  local known, why = host.caps(path)
  if not known then return nil, why end
  local machines, models = {}, {}
  for _, each in ipairs(known:names "machine") do machines[each] = true end
  for _, each in ipairs(known:names "cpu") do models[each] = true end
  return { version = (known:version()), machines = machines, cpu = function(model)
    return models[model] and (known:properties("feature", "-") or {}) or nil
  end }
end

-- What a file is told from another by: { size, mtime, nanos, ctime, inode } | nil; nanos: of mtime,
-- for a machine may be saved, restored, and have written, within one second. Of a device there is
-- none but that it is there.
function now.stamp(path)
  local info = stat.stat(path)
  if not info then return nil end
  if stat.S_ISREG(info.st_mode) == 0 then return {} end
  local _, nanos = core.folder.changed(path, true)
  return { size = info.st_size, mtime = info.st_mtime, nanos = nanos, ctime = info.st_ctime,
           inode = info.st_ino }
end

local function unread(why, path)
  local gone = not host.kind(path)
  return { recipe = path, gone = gone, wrong = gone and "is not there" or why, stamp = now.stamp }
end

-- Of a machine (lunik.load) | of why the recipe at `path` cannot be read.
function now.of(machine, why, path)
  if not machine then return unread(why, path) end
  local qemu, no_qemu = qemu_of(machine)
  return { outline = shadow.outline(outline.of(machine), machine.raw.inputs), qemu = qemu,
           no_qemu = no_qemu, accel = machine.accel, arch = machine.arch,
           processor = host.hardware.processor(), stamp = now.stamp }
end

return now

-- SPDX-License-Identifier: MIT
-- A serial port that writes to a file.
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"

local file = {
  doc = "writes to a file",
  fields = {
    { "file", kind = kind.path(), required = true, example = 'file = "serial.log"',
      doc = "the file; it grows" },
    { "append", kind = kind.bool, default = false, doc = "keep what is in it" },
  },
  fork = "refuse", no_fork = "every clone would write to this file",
}

function file.emit(plan, serial)
  local id = plan:id "serial"
  plan:add(qemu.chardev { "file", id = id, path = serial.file, append = serial.append or nil })
  plan:add(qemu.serial { "chardev:" .. id })
end

return file

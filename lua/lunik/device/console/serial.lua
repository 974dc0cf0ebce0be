-- SPDX-License-Identifier: MIT
-- The machine's own serial port: ttyS0 on a PC, ttyAMA0 on ARM's virt.
local line = require "lunik.device.console.line"
local qemu = require "lunik.qemu"

local serial = { doc = "the machine's serial port (ttyS0, ttyAMA0)", fields = line.fields,
                 fork = "new", no_clone = line.no_clone }

function serial.emit(plan, console)
  line.emit(plan, console)
  plan:add(qemu.serial { "chardev:console" })
end

return serial

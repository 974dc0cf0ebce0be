-- SPDX-License-Identifier: MIT
-- A virtio console: hvc0 in the guest, fast, silent until the guest's driver is up.
local line = require "lunik.device.console.line"
local qemu = require "lunik.qemu"

local virtio = {
  doc = "a virtio console (hvc0); silent until the guest's driver is up",
  fields = line.fields,
  needs = function() return { virtio_serial = true } end,
  fork = "new", no_clone = line.no_clone,
}

function virtio.emit(plan, console)
  line.emit(plan, console)
  plan:add(qemu.device { "virtconsole", id = "console", chardev = "console" })
end

return virtio

-- SPDX-License-Identifier: MIT
-- Standard options, as qemu-options.hx groups them.
local rows = { (require "lunik.qemu.standard.machine") }

for _, list in ipairs {
  require "lunik.qemu.standard.accel",
  require "lunik.qemu.standard.topology",
  require "lunik.qemu.standard.common",
  (require "lunik.qemu.standard.audio"),
} do
  table.move(list, 1, #list, #rows + 1, rows)
end

return rows

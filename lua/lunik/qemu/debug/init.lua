-- SPDX-License-Identifier: MIT
-- Debug and expert options, as qemu-options.hx groups them.
local rows = {}
for _, topic in ipairs { "ports", "process", "log", "guest", "gone" } do
  local more = require("lunik.qemu.debug." .. topic)
  table.move(more, 1, #more, #rows + 1, rows)
end
return rows

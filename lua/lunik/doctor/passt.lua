-- SPDX-License-Identifier: MIT
local program = require "lunik.doctor.program"

return program { name = "passt", program = "passt",
  without = "QEMU's network by passt cannot be had" }

-- SPDX-License-Identifier: MIT
local program = require "lunik.doctor.program"

return program { name = "swtpm", program = "swtpm",
  without = "guests have no TPM" }

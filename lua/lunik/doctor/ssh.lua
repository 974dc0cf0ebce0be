-- SPDX-License-Identifier: MIT
local program = require "lunik.doctor.program"

return program { name = "ssh", program = "ssh",
  without = "nothing can be done in guests by ssh" }

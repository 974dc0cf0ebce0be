-- SPDX-License-Identifier: MIT
local program = require "lunik.doctor.program"

return program { name = "mtools", program = "mcopy", package = "mtools",
  without = "the seeds of cloud-init cannot be made" }

-- SPDX-License-Identifier: MIT
-- qemu-img, which makes overlays and images.
local program = require "lunik.doctor.program"

return program { name = "images", program = "qemu-img",
  without = "overlays and new images cannot be made" }

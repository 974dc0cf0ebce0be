-- SPDX-License-Identifier: MIT
-- Disks: what the guest sees as a block device.
local disk = {
  kinds = { "image" },
  unique = { "id" },
  doc = "a disk",
}

return disk

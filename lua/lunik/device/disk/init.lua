-- SPDX-License-Identifier: MIT
-- Disks: what the guest sees as a block device.
local disk = {
  kinds = { "image" },
  unique = { "id" },
  doc = "a disk",
  example = 'disk { file = "debian-13.qcow2", overlay = true }',
}

-- The disk that the guest's system is on, as far as a recipe tells: the first in boot order, else
-- the first that the guest can write.
local function system_of(list)
  local first
  for _, one in ipairs(list) do
    if one.boot and one.boot < (first and first.boot or math.huge) then first = one end
  end
  for _, one in ipairs(list) do
    if not first and not one.readonly then first = one end
  end
  return first
end

-- What is known of a guest, such as its host key, lives as long as this disk.
function disk.together(list)
  local system = system_of(list)
  if system then system.system = true end
end

return disk

-- SPDX-License-Identifier: MIT
-- Mounts: directories of the host in the guest.
local check = require "lunik.schema.check"

local mount = {
  kinds = { "virtiofs", "9p" },
  unique = { "tag" },
  doc = "a directory of the host in the guest",
  example = 'mount { from = ".", to = "/work" }',
}

-- Two mounts at one place of the guest would hide each other.
function mount.together(mounts, _, problems)
  local seen = {}
  for _, item in ipairs(mounts) do
    local before = item.to and seen[item.to]
    if before then
      check.add(problems, item.at_of "to", "mount.to", ("'%s' is already mounted at %s"):format(
        item.to, check.place(before.at_of "to")))
    end
    if item.to then seen[item.to] = item end
  end
end

return mount

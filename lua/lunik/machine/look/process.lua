-- SPDX-License-Identifier: MIT
-- What QEMU's process becomes.
local kind = require "lunik.schema.kind"

local looks = {}

-- USER or UID:GID (os-posix.c)
function looks.user(self, about)
  local text = tostring(about.value)
  if text:find "^%d+:%d+$" or self.host.is_user(text) then return end
  self:say(about, "user-missing", ("no user %s on this host"):format(kind.show(text)))
end

return looks

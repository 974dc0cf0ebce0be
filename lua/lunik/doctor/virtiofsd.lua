-- SPDX-License-Identifier: MIT
-- virtiofsd, which serves mounts, and of which make it is.
local distribution = require "lunik.doctor.distribution"

local MAKES = { rust = "the Rust one", c = "the C one of QEMU up to 7.x" }

return { name = "virtiofsd", doc = "the daemon of mounts", look = function(host, say)
  local found, why = host.virtiofsd()
  if found then return say("ok", ("%s, %s"):format(found.path, MAKES[found.make])) end
  say("warn", why .. '; mount { kind = "9p" } can do without',
    distribution.install(host, "virtiofsd"))
end }

-- SPDX-License-Identifier: MIT
-- qemu-bridge-helper, which puts guests on a bridge of the host: it has to be root's, and setuid or
-- with a capability where an ordinary user runs it, and to be told of the bridges.
local distribution = require "lunik.doctor.distribution"

local HELPER = "/usr/lib/qemu/qemu-bridge-helper"
local CONFIG = "/etc/qemu/bridge.conf"
local SETUID = 2048

return { name = "bridge", doc = "cards on bridges", look = function(host, say)
  local owner = host.owner(HELPER)
  if not owner then
    return say("warn", HELPER .. ' is not there: nic { kind = "bridge" } cannot be had',
      distribution.install(host, "bridge"))
  end
  if host.uid ~= 0 and owner.mode & SETUID == 0 then
    return say("warn", HELPER .. ' is not setuid: nic { kind = "bridge" } is refused',
      "sudo chmod u+s " .. HELPER)
  end
  if host.uid ~= 0 and not host.kind(CONFIG) then
    return say("warn", ("%s is not there: no bridge is allowed"):format(CONFIG),
      distribution.to_file(host, "allow br0", CONFIG))
  end
  say("ok", HELPER)
end }

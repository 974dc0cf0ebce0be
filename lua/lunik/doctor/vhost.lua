-- SPDX-License-Identifier: MIT
-- vhost: what the kernel does for cards and sockets in QEMU's place.
local distribution = require "lunik.doctor.distribution"

local DEVICES = {
  { "/dev/vhost-net", "vhost_net", "cards with vhost=on" },
  { "/dev/vhost-vsock", "vhost_vsock", "sockets between host and guest (vhost-vsock-pci)" },
}

return { name = "vhost", doc = "cards and sockets in the kernel", look = function(host, say)
  for _, row in ipairs(DEVICES) do
    local path, module, without = table.unpack(row)
    if not host.kind(path) then
      say("warn", ("no %s: %s cannot be had"):format(path, without),
        distribution.as_root(host, "modprobe " .. module))
    elseif not host.may(path, "rw") then
      say("warn", ("%s may not use %s: %s cannot be had"):format(host.user, path, without),
        distribution.join(host, "kvm"))
    else
      say("ok", path)
    end
  end
end }

-- SPDX-License-Identifier: MIT
local cases = {
  { { "none" }, "none", try = {} },
  { { "user", id = "n0", model = "virtio-net-pci", mac = "52:54:00:12:34:56", ipv6 = false },
    "user,id=n0,model=virtio-net-pci,mac=52:54:00:12:34:56,ipv6=off", try = {} },
}
require "support.netdev_forms" (cases, { stream = true, dgram = true }, { "mac", "netdev" })
return cases

-- SPDX-License-Identifier: MIT
-- Free PCIe root ports.
local kind = require "lunik.kind"

local pcie = {
  doc = "free PCIe root ports",
  fields = {
    { "ports", kind = kind.int(0, 96), default = 16, doc = "how many; each takes one device" },
  },
}

function pcie.needs(hotplug) return { free_ports = hotplug.ports } end

return pcie

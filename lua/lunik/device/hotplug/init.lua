-- SPDX-License-Identifier: MIT
-- What must exist at boot so that devices can come later.
return { kinds = { "pcie" }, once = true,
  doc = "room for devices that come while the machine runs",
  example = 'hotplug { ports = 8, cpus = 4, memory = "2G" }' }

-- SPDX-License-Identifier: MIT
-- What devices ask of the machine as a whole, a row each. Devices name a need and how
-- much of it; the sums are emitted here, before any device that relies on them.
local qemu = require "lunik.qemu"

-- Root ports sit on bus pcie.0 from this slot on, eight to a slot: far behind the
-- slots that QEMU hands out by itself.
local first_slot, functions, last_slot = 0x10, 8, 0x1e

local function root_port(plan, index, id)
  local slot, fn = first_slot + index // functions, index % functions
  plan:add(qemu.device { "pcie-root-port", id = id, bus = "pcie.0",
    addr = ("0x%x.%d"):format(slot, fn),
    chassis = 1, slot = index + 1, multifunction = fn == 0 or nil })
end

-- Boot mounts have ports of their own ("boot0"); the free ones are "hotplug0" and on.
local function ports(plan, count)
  for i = 0, count - 1 do root_port(plan, i, "boot" .. i) end
end

local function free_ports(plan, count)
  local before = plan:needed "ports" or 0
  for i = 0, count - 1 do root_port(plan, before + i, "hotplug" .. i) end
end

local without_pcie = { "^pc$", "^pc%-i440", "^pc%-%d", "^microvm", "^isapc", "^none" }

-- Ports need a machine with PCIe and room on its root bus.
local function check_ports(count, machine)
  for _, pattern in ipairs(without_pcie) do
    if (machine.type or ""):find(pattern) then
      return ("needs PCIe root ports, which the machine type '%s' does not have; 'q35' has"):format(
        machine.type)
    end
  end
  local most = (last_slot - first_slot + 1) * functions
  if count > most then return ("needs %d PCIe root ports; a machine has %d"):format(count, most) end
end

return {
  -- memory that a daemon can map; `scalar` emits it with the memory it must match
  { "shared_memory", check = function(_, machine)
    if not machine.memory and not machine.defaults then
      return "needs machine.memory, since defaults = false"
    end
  end },
  { "ports", emit = ports, check = check_ports },
  { "free_ports", emit = free_ports, check = check_ports },
  { "scsi", emit = function(plan) plan:add(qemu.device { "virtio-scsi-pci", id = "scsi" }) end },
  { "virtio_serial", emit = function(plan)
    plan:add(qemu.device { "virtio-serial-pci", id = "virtio-serial" })
  end },
}

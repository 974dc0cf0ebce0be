-- SPDX-License-Identifier: MIT
-- The ports of a machine: where devices can be plugged while it runs, and what boot mounts sit
-- in, so that they can be unplugged too. On a board with PCI Express they are root ports, eight
-- functions to a slot; pc has a plain PCI bus, whose slots take one device each by ACPI.
local qemu = require "lunik.qemu"

local ports = {}

-- Slots of the root bus for ports: far behind those that QEMU hands out by itself.
local FIRST, LAST, FUNCTIONS = 0x10, 0x1e, 8

-- Makes a root port, eight as functions of one slot. More than 120 would need a bridge, and the
-- guest minutes to boot.
local function root_port(plan, index, id)
  local slot, fn = FIRST + index // FUNCTIONS, index % FUNCTIONS
  plan:add(qemu.device { "pcie-root-port", id = id, bus = "pcie.0",
    addr = ("0x%x.%d"):format(slot, fn),
    chassis = 1, slot = index + 1, multifunction = fn == 0 or nil })
  return { name = id, bus = id, addr = "0" }
end

local function slot(_, index)
  local addr = ("0x%x"):format(FIRST + index)
  return { name = "slot " .. addr, bus = "pci.0", addr = addr }
end

local slots = LAST - FIRST + 1

-- What a board has, by its name: how a port is made, how many there can be, in which words.
local boards = {
  { "^pc$", slot, slots, "slots for hot plug" }, { "^pc%-i440", slot, slots, "slots for hot plug" },
  { "^pc%-%d", slot, slots, "slots for hot plug" },
  { "^microvm" }, { "^isapc" }, { "^none" },
}
local express = { "", root_port, slots * FUNCTIONS, "PCIe root ports" }

local function board(kind)
  for _, row in ipairs(boards) do
    if (kind or ""):find(row[1]) then return row end
  end
  return express
end

-- Boot mounts have ports of their own ("boot0"); the free ones are "hotplug0" and on.
local function add(plan, first, count, stem)
  local make = board(plan.board)[2]
  for i = 0, count - 1 do
    local port = make(plan, first + i, stem .. i)
    port.boot = stem == "boot" or nil
    plan:has_port(port)
  end
end

function ports.emit(plan, count) add(plan, 0, count, "boot") end

function ports.emit_free(plan, count) add(plan, plan:needed "ports" or 0, count, "hotplug") end

-- Ports need a machine that has them, and room on its root bus.
function ports.check(count, machine)
  local row = board(machine.type)
  if not row[2] then
    return ("needs ports for hot plug; the machine type '%s' has none, 'q35' has"):format(
      machine.type)
  end
  -- said once, of the ports that the recipe can have fewer of
  local free = machine.needs.free_ports or 0
  if free > 0 and count ~= free then return nil end
  local all = (machine.needs.ports or 0) + free
  if count > 0 and all > row[3] then
    return ("needs %d %s; the machine type '%s' has %d, boot mounts included"):format(all, row[4],
      machine.type or "q35", row[3])
  end
end

return ports

-- SPDX-License-Identifier: MIT
-- Keeps the table of ports: which device sits where. lunik.machine.need.ports makes its rows in the
-- plan; the running machine goes on with it, and holds it against QEMU's word before each plug:
--   { name, bus, addr, boot = planned for a device of the start, own = that device's id,
--     device = id of what lunik plugged, family, label = what the user calls it,
--     foreign = id of what somebody else plugged }
local ports = {}

local SHOWN = 16           -- devices that a message names
local STEP = 8             -- root ports come eight to a slot

local function is_free(port) return not port.device and not port.foreign end

-- Gives a free port to a device: it | nil. `boot` asks for one of a boot mount, which others get
-- last; `wanted` for one by its name.
function ports.take(list, device, family, label, boot, wanted)
  for _, sort in ipairs(boot and { true } or { false, true }) do
    for _, port in ipairs(list) do
      if is_free(port) and (port.boot or false) == sort and (wanted or port.name) == port.name then
        port.device, port.family, port.label = device, family, label
        if boot then port.own = device end
        return port
      end
    end
  end
end

-- The port of a device | nil
function ports.of(list, device)
  for _, port in ipairs(list) do
    if port.device == device then return port end
  end
end

function ports.free(port)
  port.device, port.family, port.label = nil, nil, nil
end

function ports.release(list, device)
  local port = ports.of(list, device)
  if port then ports.free(port) end
end

-- Puts a device where it is known to sit.
function ports.put(list, name, device, family, label)
  for _, port in ipairs(list) do
    if port.name == name then port.device, port.family, port.label = device, family, label end
  end
end

local function by_name(list, name)
  for _, port in ipairs(list) do
    if port.name == name then return port end
  end
end

-- Why there is no port left, or not the one that was wanted, and a word for that.
function ports.full(list, wanted)
  local there = wanted and by_name(list, wanted)
  if there then
    return ("%s is taken by %s"):format(wanted, there.label or there.foreign), "taken"
  elseif wanted then
    return ("no port named '%s'"):format(wanted), "missing"
  end
  local used, all, names = 0, 0, {}
  for _, port in ipairs(list) do
    local label = port.label or port.foreign
    local own = port.own and port.own == port.device
    if not own then all = all + 1 end
    if label and not own then
      used = used + 1
      names[#names + 1] = ("%s (%s)"):format(label, port.family or "not lunik's")
    end
  end
  if used == 0 then
    return "the machine has no ports: set hotplug { ports = 16 } and restart", "unsupported"
  end
  local more = #names - SHOWN
  local text = table.concat(names, ", ", 1, math.min(#names, SHOWN))
  if more > 0 then text = ("%s, and %d more"):format(text, more) end
  local boot = 0
  for _, port in ipairs(list) do boot = boot + (port.boot and 1 or 0) end
  return ("%d of %d ports in use: %s; set hotplug.ports = %d and restart"):format(used, all, text,
    (#list - boot) // STEP * STEP + STEP), "taken"
end

local function occupant(device)
  return device.qdev_id ~= "" and device.qdev_id or "a device without id"
end

-- Reads the answer to query-pci: "bus addr" -> id of what sits there, of root ports and root buses.
local function occupants(buses)
  local found = {}
  for _, bus in ipairs(buses) do
    for _, device in ipairs(bus.devices) do
      local behind = device.pci_bridge and device.pci_bridge.devices or {}
      if behind[1] then found[device.qdev_id .. " 0"] = occupant(behind[1]) end
      found[("pci.0 0x%x"):format(device.slot)] = occupant(device)
    end
  end
  return found
end

-- Holds the table against what QEMU has: what foreign clients plug and unplug is noticed.
function ports.reconcile(list, buses)
  local found = occupants(buses)
  for _, port in ipairs(list) do
    local there = found[port.bus .. " " .. port.addr]
    port.foreign = there ~= port.device and there or nil
  end
end

return ports

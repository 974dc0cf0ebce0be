-- SPDX-License-Identifier: MIT
-- Where devices of a running machine sit that QEMU has chosen a place for, or the board: arguments
-- by the id of QEMU's, so that they come to the same place again.
local places = {}

-- Memory modules and their like.
local function memory(monitor, found)
  for _, each in ipairs(monitor:exec "query-memory-devices" or {}) do
    local data = each.data or {}
    if data.id and each.type == "dimm" then
      found[data.id] = { addr = data.addr, slot = data.slot, node = data.node }
    end
  end
end

local function cpus(monitor, found)
  for _, each in ipairs(monitor:exec "query-hotpluggable-cpus" or {}) do
    local id = (each["qom-path"] or ""):match "^/machine/peripheral/([^/]+)$"
    if id then found[id] = each.props end
  end
end

-- Properties of disks behind a controller, and of what is on USB.
local SEAT = { "channel", "scsi-id", "lun", "port" }

local function seats(monitor, id, found)
  for _, name in ipairs(SEAT) do
    local value = monitor:exec("qom-get", { path = "/machine/peripheral/" .. id, property = name })
    if value ~= nil and value ~= "" then
      found[id] = found[id] or {}
      found[id][name] = value
    end
  end
end

-- Of the devices that came while the machine ran, as they are written down.
function places.of(monitor, devices)
  local found = {}
  memory(monitor, found)
  cpus(monitor, found)
  for _, device in ipairs(devices) do
    for _, command in ipairs(device.remove) do
      local id = command.execute == "device_del" and command.arguments.id
      if id and not device.port and not found[id] then seats(monitor, id, found) end
    end
  end
  return found
end

return places

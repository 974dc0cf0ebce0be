-- SPDX-License-Identifier: MIT
-- The devices that are known: taken over as they were written down, written down, found by what
-- they are called, and shown by port. Methods of lunik.hotplug.
local cards = require "lunik.hotplug.nic_forwards"
local core = require "lunik.core"
local ports = require "lunik.plan.ports"
local undo = require "lunik.process.undo"

local known = {}

-- Takes over devices as they are written down: those of the plan at a start, or a record's.
function known:take(list)
  for _, port in ipairs(self.ports) do port.device, port.family, port.label = nil, nil, nil end
  for _, row in ipairs(list or {}) do
    local device = { undo = undo.new() }
    for key, value in pairs(row) do device[key] = value end
    device.state = row.state or "plugged"
    for _, helper in ipairs(self.vm.helpers) do
      if row.helper and helper.name == row.helper.name then device.running = helper end
    end
    self.devices[#self.devices + 1] = device
    cards.take(self.vm, device)
    if device.port and device.state ~= "dead" then
      ports.put(self.ports, device.port, device.id, device.family, device.label)
    end
    if device.share and device.share.to and device.state == "plugged" then
      device.mounted = self.vm.guest:add(device.share)
    end
  end
end

local WRITTEN = { "id", "family", "kind", "label", "port", "state", "remove", "helper", "share",
                  "fields", "hot", "temporary", "networks" }

-- The devices as they are written down.
function known:record()
  local list = {}
  for i, device in ipairs(self.devices) do
    local row = {}
    for _, key in ipairs(WRITTEN) do row[key] = device[key] end
    row.remove = device.planned or device.remove
    list[i] = row
  end
  return list
end

-- A device that somebody calls so: by its id, its label, or where its share is mounted.
function known:find(name)
  local found
  for _, device in ipairs(self.devices) do
    local share = device.share
    if device.id == name or device.label == name or share
       and (share.to == name or share.from == name) then
      if device.id == name or device.label == name then return device end
      if found then return nil, ("'%s' is more than one: say which by its tag"):format(name) end
      found = device
    end
  end
  if found then return found end
  local names = {}
  for i, device in ipairs(self.devices) do names[i] = device.label end
  return nil, ("nothing that can be unplugged is called '%s'%s"):format(name,
    require "lunik.text.suggest".hint(name, names))
end

-- The ports: { port, id, family, label, state } each
function known:slots()
  local ok, why = self:reconcile()
  if not ok then return nil, why end
  local list = core.json.array {}
  for i, port in ipairs(self.ports) do
    local state
    for _, device in ipairs(self.devices) do
      if device.id == port.device then state = device.state end
    end
    list[i] = { port = port.name, id = port.device or port.foreign, family = port.family,
                label = port.label, state = state or port.foreign and "foreign" or "free",
                boot = port.boot or false }
  end
  return list
end

return known

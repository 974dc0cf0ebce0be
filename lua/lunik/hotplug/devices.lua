-- SPDX-License-Identifier: MIT
-- The devices that are known: taken over as they were written down, written down, found by what
-- they are called, and shown by port.
local codes = require "lunik.codes"
local core = require "lunik.core"
local life = require "lunik.hotplug.life"
local mounts = require "lunik.hotplug.mounts"
local nic_forwards = require "lunik.hotplug.nic_forwards"
local ports = require "lunik.plan.ports"
local undo = require "lunik.process.undo"

local devices = {}

local function take(context, row)
  local device = { undo = undo.new() }
  for key, value in pairs(row) do device[key] = value end
  life.take(context, device, row.state)
  mounts.remember(device)
  device.running = row.helper and context.processes.find(row.helper.name)
  nic_forwards.take(context, device)
  if device.port and not life.is_dead(device) then
    ports.put(context.ports, device.port, device.id, device.family, device.label)
  end
  if device.share and device.share.to and device.state == "plugged" then
    device.mounted = context.guest.add(device.share)
  end
end

-- Takes over devices as they are written down: those of the plan at a start, or a record's.
function devices.take(context, list)
  for _, port in ipairs(context.ports) do ports.free(port) end
  for _, row in ipairs(list or {}) do take(context, row) end
end

local WRITTEN = { "id", "family", "kind", "label", "port", "helper", "share", "root", "fields",
                  "hot", "temporary", "networks", "asked", "disk", "lent" }

-- The devices as they are written down. What one that is being plugged will have is written before
-- it has it.
function devices.record(context)
  local list = {}
  for i, device in ipairs(context.devices) do
    local row = { state = life.word(device) }
    for _, key in ipairs(WRITTEN) do row[key] = device[key] end
    row.remove = device.state == "plugging" and device.planned or device.remove
    list[i] = row
  end
  return list
end

local function is_named(device, name) return device.id == name or device.label == name end

local function is_at(device, name)
  local share = device.share
  return share and (share.to == name or share.from == name)
end

-- The devices of the start that stay to the end, as they are shown.
function devices.fixed(context)
  local list = {}
  for i, one in ipairs(context.plan.fixed or {}) do
    list[i] = { id = one.id, family = one.family, label = one.label, state = "fixed" }
  end
  return list
end

local function is_fixed(context, name)
  for _, one in ipairs(devices.fixed(context)) do
    if is_named(one, name) then return one end
  end
end

local function missing(context, name)
  local names, fixed = {}, is_fixed(context, name)
  if fixed then
    return nil, ("'%s' (%s) is of the machine's start and in no port: it stays as long as the "
      .. "machine runs"):format(name, fixed.family), "unsupported"
  end
  for i, device in ipairs(context.devices) do names[i] = device.label end
  return nil, ("nothing that can be unplugged is called '%s'%s"):format(name,
    require "lunik.text.suggest".hint(name, names)), "missing"
end

-- A device that somebody calls so: by its id, its label, or where its share is mounted
-- | nil, why, code
function devices.find(context, name)
  local found
  for _, device in ipairs(context.devices) do
    if is_named(device, name) then return device end
  end
  for _, device in ipairs(context.devices) do
    if is_at(device, name) and found then
      return nil, ("'%s' is more than one: say which by its tag"):format(name), "invalid"
    end
    found = found or is_at(device, name) and device
  end
  if found then return found end
  return missing(context, name)
end

-- Why a new device cannot be called so | nil
function devices.taken(context, id, label)
  for _, device in ipairs(context.devices) do
    if not life.is_dead(device) and (device.id == id or device.label == label) then
      return ("'%s' is taken by the %s %s%s"):format(label, device.family,
        device.share and device.share.from or "of that id",
        life.word(device) == "unplugging" and ", which has not gone yet" or "")
    end
  end
  local fixed = is_fixed(context, id) or is_fixed(context, label)
  return fixed and ("'%s' is taken by the %s of the machine's start: id = NAME gives this one "
    .. "another"):format(label, fixed.family)
end

-- A tag that no mount has which is lent to the guest.
function devices.free(context)
  local number = 0
  repeat
    number = number + 1
    local tag = ("lunik-cp-%d"):format(number)
  until not devices.taken(context, tag, tag)
  return ("lunik-cp-%d"):format(number)
end

-- Holds the table of ports against QEMU: true | nil, why, code
function devices.reconcile(context)
  if #context.ports == 0 then return true end
  local buses, why, class = context.monitor:exec "query-pci"
  if not buses then return nil, why, codes.word(class) end
  ports.reconcile(context.ports, buses)
  return true
end

local function word_of(context, id)
  for _, device in ipairs(context.devices) do
    if device.id == id then return life.word(device) end
  end
end

-- Adds what sits in no port: CPUs, memory, what is behind a controller or no device of QEMU's.
local function add_others(context, list)
  for _, device in ipairs(context.devices) do
    if not device.port and not life.is_dead(device) then
      list[#list + 1] = { id = device.id, family = device.family, label = device.label,
                          state = life.word(device), boot = not device.hot }
    end
  end
end

-- Everything that is plugged, the ports that are free, and what is there from the start to the end:
-- { port, id, family, label, state } each
-- | nil, why, code
function devices.slots(context)
  local ok, why, class = devices.reconcile(context)
  if not ok then return nil, why, class end
  local list = core.json.array {}
  for i, port in ipairs(context.ports) do
    local state = word_of(context, port.device)
    list[i] = { port = port.name, id = port.device or port.foreign, family = port.family,
                label = port.label, state = state or port.foreign and "foreign" or "free",
                boot = port.boot or false }
  end
  add_others(context, list)
  for _, one in ipairs(devices.fixed(context)) do
    one.boot = true
    list[#list + 1] = one
  end
  return list
end

return devices

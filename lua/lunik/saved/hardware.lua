-- SPDX-License-Identifier: MIT
-- The hardware that a running machine has, as it is now: what its QEMU answers, made data by which
-- the same machine can be built again. An alias (`q35`, `max`, `host`) means something else in
-- another QEMU or on another host; what is recorded here does not.
--
--   local found, why = hardware.ask(execute, { arch, accel, host, cpu = the argument of -cpu })
--
-- execute(command, arguments) -> what QEMU returned | nil, why. All else here is made of answers.
local processor = require "lunik.saved.processor"
local sorted = require "lunik.text.sorted"

local hardware = {}

-- "pc-q35-7.2-machine" -> "pc-q35-7.2"
local function type_of(answer) return (answer:gsub("%-machine$", "")) end

function hardware.version(answer)
  local qemu = answer.qemu or {}
  return ("%d.%d.%d"):format(qemu.major or 0, qemu.minor or 0, qemu.micro or 0)
end

-- Adds the devices of a bus, and of the buses behind its bridges. `bus` is the id of the bridge,
-- nil for a bus of the board.
local function add_devices(list, answer, bus)
  for _, one in ipairs(answer) do
    local id = one.qdev_id ~= "" and one.qdev_id or nil
    local about = one.id or {}
    list[#list + 1] = { id = id, bus = bus, slot = one.slot, ["function"] = one["function"],
                        vendor = about.vendor, device = about.device }
    local bridge = one.pci_bridge
    if bridge and bridge.devices then add_devices(list, bridge.devices, id) end
  end
end

-- query-pci, as a list of devices with their places.
function hardware.devices(answer)
  local list = {}
  for _, bus in ipairs(answer) do add_devices(list, bus.devices or {}) end
  return list
end

-- query-memory-devices, as modules with theirs.
function hardware.modules(answer)
  local list = {}
  for _, one in ipairs(answer) do
    local data = one.data
    if one.type == "dimm" then
      list[#list + 1] = { id = data.id, address = data.addr, size = data.size, slot = data.slot,
                          backend = data.memdev:match "[^/]*$" }
    end
  end
  table.sort(list, function(a, b) return a.address < b.address end)
  return list
end

-- query-hotpluggable-cpus, those that are there, from the first on. One that was plugged has an id.
function hardware.cpus(answer)
  local list = {}
  for i = #answer, 1, -1 do
    local one = answer[i]
    local path = one["qom-path"]
    if path then
      list[#list + 1] = { type = one.type, id = path:match "^/machine/peripheral/(.+)$",
                          place = one.props }
    end
  end
  return list
end

-- What is asked of every machine | nil, why
local function answers(execute)
  local out = {}
  for name, ask in pairs { version = { "query-version" }, size = { "query-memory-size-summary" },
      type = { "qom-get", { path = "/machine", property = "type" } } } do
    local answer, why = execute(table.unpack(ask))
    if not answer then return nil, why end
    out[name] = answer
  end
  -- boards without PCI, and without slots, know none of these
  for name, command in pairs { pci = "query-pci", modules = "query-memory-devices",
      cpus = "query-hotpluggable-cpus" } do
    out[name] = execute(command) or {}
  end
  return out
end

function hardware.ask(execute, about)
  local got, why = answers(execute)
  if not got then return nil, why end
  local cpu
  cpu, why = processor.ask(execute, about.cpu)
  if not cpu then return nil, why end
  return { qemu = hardware.version(got.version), type = type_of(got.type), asked = about.type,
           arch = about.arch, accel = about.accel, host = about.host,
           processor = about.processor, cpu = cpu, memory = got.size["base-memory"],
           modules = hardware.modules(got.modules), cpus = hardware.cpus(got.cpus),
           devices = hardware.devices(got.pci) }
end

-- The argument of -cpu by which the CPU of a record is built again.
function hardware.cpu(found)
  if not found.cpu.properties then return found.cpu.asked end
  local words = { found.cpu.model }
  for _, name in ipairs(sorted(found.cpu.properties)) do
    local value = found.cpu.properties[name]
    if value == true then value = "on" elseif value == false then value = "off" end
    words[#words + 1] = ("%s=%s"):format(name, value)
  end
  return table.concat(words, ",")
end

return hardware

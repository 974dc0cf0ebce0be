-- SPDX-License-Identifier: MIT
-- What QMP commands would do to the machine of a command line: ids, slots and buses for hot plug.
local device = require "lunik.verify.device"
local kinds = require "lunik.qemu.kind"
local named = require "lunik.verify.named"
local plugged = require "lunik.verify.plugged"

local spaces = { ["device_del"] = { "device", "id" }, netdev_del = { "netdev", "id" },
  ["object-del"] = { "object", "id" }, ["chardev-remove"] = { "chardev", "id" },
  ["blockdev-del"] = { "blockdev", "node-name" } }

local makes = { device_add = { "device", "id" }, netdev_add = { "netdev", "id" },
  ["object-add"] = { "object", "id" }, ["chardev-add"] = { "chardev", "id" },
  ["blockdev-add"] = { "blockdev", "node-name" } }

local function has_vnc(line)
  local display = line:last "display"
  return line:last "vnc" ~= nil or display ~= nil and (display.text or ""):find "^vnc" ~= nil
end

-- What is there, as QMP commands change it: ids by option, with their arguments.
local function state_of(line)
  if line.there then return line.there end
  line.there = { made = {}, jobs = {}, ran = {}, vnc = has_vnc(line) }
  for _, name in ipairs { "device", "netdev", "object", "chardev", "blockdev", "drive" } do
    line.there[name] = {}
    for _, entry in ipairs(line:all(name)) do
      local id = entry.args and line.value(entry, name == "blockdev" and "node-name" or "id")
      if id then line.there[name][id] = entry.args end
      line.there.anonymous = line.there.anonymous or name == "device" and not id
    end
  end
  return line.there
end

local function is_pci(known, driver)
  local section = driver and known:head("device", driver)
  return section and section[2] == "PCI", section
end

local function driver_of(args)
  local driver = args and (args[1] or args.driver)
  return type(driver) == "string" and driver or nil
end

local function is_port(args)
  local driver = driver_of(args) or ""
  return driver == "pcie-root-port" or driver == "ioh3420" or driver:find "downstream"
end

-- The first root port with nothing in it, as a hint.
local function free(there)
  local taken, ports = {}, {}
  for id, args in pairs(there.device) do
    if args.bus then taken[args.bus] = true end
    if is_port(args) then ports[#ports + 1] = id end
  end
  table.sort(ports)
  for _, id in ipairs(ports) do
    if not taken[id] then return ("; did you mean '%s'?"):format(id) end
  end
  return ""
end

-- Where a new PCI device would go: pcie.0 takes none.
local function plug_pci(line, arguments, there, found)
  local bus = arguments.bus
  local q35 = (line.board or ""):find "q35" or line.arch == "aarch64"
  if not bus and q35 or bus == "pcie.0" then
    return found("bus", "hotplug", "cannot hotplug into pcie.0; use a free pcie-root-port"
      .. free(there))
  end
  local port = bus and there.device[bus]
  if bus and not port and bus ~= "pci.0" and not bus:find "%." then
    return found("bus", "dangling-reference", ("no bus '%s'"):format(bus))
  end
  if not is_port(port) then return end
  for id, args in pairs(there.device) do
    if args.bus == bus then
      return found("bus", "slot-taken", ("slot %s is taken by %s"):format(bus, id))
    end
  end
end

local function in_memory(line, arguments, there, found)
  local entry = line:last "m"
  local args = entry and entry.args or {}
  local total = kinds.bytes(args.maxmem or 0, 0) or 0
  local left = total - (entry and kinds.bytes(line.value(entry, "size") or 128, 20) or 0)
  local backend = there.object[arguments.memdev]
  local size = backend and kinds.bytes(backend.size or 0, 0)
  for _, each in pairs(there.device) do
    if driver_of(each) == "pc-dimm" then
      local own = there.object[each.memdev]
      left = left - (own and kinds.bytes(own.size or 0, 0) or 0)
    end
  end
  if not backend then
    found("memdev", "dangling-reference", ("no object '%s'"):format(tostring(arguments.memdev)))
  elseif size and size > left then
    found("memdev", "size", ("%d MiB do not fit into the %d MiB left of maxmem"):format(
      size >> 20, math.max(left, 0) >> 20))
  end
end

local names = { id = true, bus = true, memdev = true, netdev = true, chardev = true,
  driver = true, ["qom-type"] = true, ["node-name"] = true }

local rules = {}

function rules.device_add(line, arguments, there, found)
  local driver = arguments.driver
  if type(driver) ~= "string" then
    return found("driver", "missing-argument", "'driver' is missing")
  end
  local given = {}
  for key, value in pairs(arguments) do
    if key ~= "driver" and key ~= "id" and key ~= "bus" then given[key] = value end
  end
  device.judge(line.known, "device", driver, given, false, found)
  if is_pci(line.known, driver) then plug_pci(line, arguments, there, found) end
  if driver == "pc-dimm" then in_memory(line, arguments, there, found) end
  local head = line.known:head("device", driver)
  plugged.device(line, arguments, head and head[2], there, found)
end

rules["blockdev-add"] = function(_, arguments, there, found)
  plugged.node(arguments, there, found)
end

rules["blockdev-del"] = function(_, arguments, there, found)
  plugged.node_goes(arguments, there, found)
end

-- Network backends and devices by name.
function rules.set_link(line, arguments, there, found)
  local id, ids = arguments.name, {}
  -- those that have no id have names of QEMU's own
  if line:last "nic" or line:last "net" or tostring(id):find "%.%d+$" then return end
  for _, space in ipairs { "netdev", "device" } do
    for each in pairs(there[space]) do ids[each] = true end
  end
  if type(id) == "string" and not ids[id] then
    found("name", "dangling-reference", plugged.none("netdev or device", id, ids))
  end
end

rules["object-add"] = function(line, arguments, _, found)
  local kind, given = arguments["qom-type"], {}
  if type(kind) ~= "string" then
    return found("qom-type", "missing-argument", "'qom-type' is missing")
  end
  for key, value in pairs(arguments) do
    if key ~= "qom-type" and key ~= "id" then given[key] = value end
  end
  device.judge(line.known, "object", kind, given, true, found)
  if kind:find "^memory%-backend%-" and arguments.size == nil then
    found("size", "missing-argument", "'size' must be given")
  end
  local size = arguments.size
  if size == 0 and kind:find "^memory%-backend%-" then
    found("size", "bad-value", "more than 0 bytes expected, got 0")
  elseif type(size) == "string" then
    found("size", "bad-value", ("a JSON number of bytes expected, got a string: '%s'"):format(size))
  end
end

function rules.device_del(line, arguments, there, found)
  local args = arguments.id and there.device[arguments.id]
  local bus = args and args.bus
  if args and is_pci(line.known, driver_of(args)) and (bus == nil or bus == "pcie.0")
    and (line.board or ""):find "q35" then
    found("id", "hotplug", ("%s sits on pcie.0 and cannot be unplugged"):format(arguments.id))
  end
end

-- Arguments without names that are no text, of which the schema has told already.
local function plain(arguments)
  local out = {}
  for key, value in pairs(arguments) do
    if type(value) == "string" or not names[key] then out[key] = value end
  end
  return out
end

-- found(key | nil, code, why)
return function(line, command, found)
  local name, arguments, there = command.execute, plain(command.arguments or {}), state_of(line)
  local removes, made = spaces[name], makes[name]
  local id = removes and arguments[removes[2]] or made and arguments[made[2]]
  if removes and type(id) == "string" and not there[removes[1]][id] and not id:find "^/" then
    found(removes[2], "dangling-reference", plugged.none(removes[1], id, there[removes[1]]))
  elseif made and type(id) == "string" and there[made[1]][id] then
    found(made[2], "duplicate-id", ("%s '%s' exists"):format(made[1], id))
  end
  if rules[name] then rules[name](line, arguments, there, found) end
  if not line.open then named.check(name, arguments, there, found) end
  named.made(name, arguments, there)
  if made and type(id) == "string" then there[made[1]][id] = arguments end
  there.anonymous = there.anonymous or name == "device_add" and id == nil
  if removes and type(id) == "string" then there[removes[1]][id] = nil end
end

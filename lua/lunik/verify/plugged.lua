-- SPDX-License-Identifier: MIT
-- What a device that comes while the machine runs is connected to: what it names has to be there,
-- and to be free; some cannot come at all.
local kind = require "lunik.schema.kind"
local offers = require "lunik.verify.offers"
local required = require "lunik.verify.required"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

local plugged = {}

local function driver_of(args)
  local driver = args and (args[1] or args.driver)
  return type(driver) == "string" and driver or nil
end

-- "no netdev 'n1'; did you mean 'n0'?"
function plugged.none(space, id, ids)
  local names = sorted(ids)
  return ("no %s '%s'%s"):format(space, tostring(id), suggest.hint_or_all(tostring(id), names, 8))
end

-- Keys of a device that name what an option defines.
local refers = { netdev = { "netdev" }, chardev = { "chardev" }, drive = { "blockdev", "drive" },
                 iothread = { "object" }, memdev = { "object" }, rng = { "object" } }

-- Those that are one device's alone.
local alone = { netdev = true, drive = true, chardev = true }

local function is_on(value) return value == true or value == "on" end

local function references(arguments, there, found)
  for _, key in ipairs(sorted(refers)) do
    local id, spaces = arguments[key], refers[key]
    local ids = {}
    for _, space in ipairs(spaces) do
      for each in pairs(there[space] or {}) do ids[each] = true end
    end
    local known = type(id) == "string" and ids[id]
    if type(id) == "string" and not known and not (key == "memdev" and arguments.driver
      == "pc-dimm") then
      found(key, "dangling-reference", plugged.none(spaces[1], id, ids))
    end
    local own = known and there[spaces[1]][id] or {}
    for other, args in pairs(known and alone[key] and there.device or {}) do
      local shared = is_on(args["share-rw"]) or is_on(own.mux)
      if args[key] == id and not shared then
        found(key, "already-used", ("%s '%s' is used by %s"):format(spaces[1], id, other))
      end
    end
  end
end

-- The bus of a controller, ID.N.
local function bus(arguments, want, there, found)
  local name = arguments.bus
  if type(name) ~= "string" or want == "PCI" or offers.fixed[want or ""] then return end
  local id, number = name:match "^(.*)%.(%d+)$"
  local args = id and there.device[id]
  local count = args and (offers.count[driver_of(args) or ""] or 1)
  if args and (not offers[driver_of(args) or ""] or tonumber(number) < count) then return end
  local names = {}
  for each, other in pairs(there.device) do
    if offers[driver_of(other) or ""] == want then names[each .. ".0"] = true end
  end
  -- one of a controller without an id is called by its kind
  if args or not there.anonymous or id and id:lower() ~= (want or ""):lower() then
    found("bus", "bus", plugged.none("bus", name, names))
  end
end

-- What the board gave its places for: none can come to these.
local still = { ISA = true, System = true, ["floppy-bus"] = true, ["i2c-bus"] = true, IDE = true,
                HDA = true }

local function comes(driver, want, found)
  if required.cold[driver] or still[want or ""] then
    found("driver", "hotplug", ("%s cannot come while the machine runs"):format(driver))
    return false
  end
  return true
end

-- hw/i386/x86.c:x86_cpu_pre_plug
local function processor(line, arguments, found)
  local entry = line:last "cpu"
  local model = entry and entry.args and entry.args[1] or "qemu64"
  local wanted = ("%s-x86_64-cpu"):format(model)
  if line.arch ~= "x86_64" or model == "host" then return end
  if arguments.driver ~= wanted then
    found("driver", "unknown-device", ("the machine's CPUs are another model; did you mean '%s'?")
      :format(wanted))
  end
  for _, key in ipairs { "socket-id", "core-id", "thread-id" } do
    if arguments[key] == nil then
      found(key, "missing-argument", ("'%s' must be given"):format(key))
      return
    end
  end
end

-- Of virtio-serial: ports from 1 on, as many as its controller has (hw/char/virtio-serial-bus.c).
local MOST_PORTS = 31

local function port(arguments, there, found)
  local number = math.tointeger(tonumber(arguments.nr))
  local id = type(arguments.bus) == "string" and arguments.bus:match "^(.*)%.0$"
  local most = math.tointeger(tonumber(((there.device[id] or {}).max_ports))) or MOST_PORTS
  if number and number >= most then
    found("nr", "bad-value", ("%d is out of range: 0 to %d"):format(number, most - 1))
  end
end

-- device_add: what its driver is known to need of others. `want`: the kind of its bus | nil
function plugged.device(line, arguments, want, there, found)
  local driver, id = arguments.driver, arguments.id
  if type(id) == "string" and not kind.id.read(id) then
    found("id", "bad-value", ("%s expected, got '%s'"):format(kind.id.expects, id))
  end
  if not comes(driver, want, found) then return end
  references(arguments, there, found)
  bus(arguments, want, there, found)
  if driver:find "%-x86_64%-cpu$" then processor(line, arguments, found) end
  if want == "virtio-serial-bus" then port(arguments, there, found) end
end

-- Nodes that a new one stands on, by name.
function plugged.node(arguments, there, found)
  if arguments["node-name"] == nil then
    found("node-name", "missing-argument", "'node-name' is missing")
  end
  for _, key in ipairs { "file", "backing", "data-file" } do
    local id = arguments[key]
    if type(id) == "string" and not there.blockdev[id] and not there.drive[id] then
      found(key, "dangling-reference", plugged.none("blockdev", id, there.blockdev))
    end
  end
end

-- A node that is to go, while something is on it.
function plugged.node_goes(arguments, there, found)
  local name = arguments["node-name"]
  for id, args in pairs(type(name) == "string" and there.device or {}) do
    if args.drive == name then
      found("node-name", "already-used", ("blockdev '%s' is used by %s"):format(name, id))
    end
  end
  for id, args in pairs(type(name) == "string" and there.blockdev or {}) do
    if args.file == name or args.backing == name then
      found("node-name", "already-used", ("blockdev '%s' is used by %s"):format(name, id))
    end
  end
end

return plugged

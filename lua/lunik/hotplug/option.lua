-- SPDX-License-Identifier: MIT
-- What a family does not cover: any device, chardev, object, netdev or blockdev of QEMU's, typed
-- by the running QEMU, whose word for a driver's properties is the last one.
local property = require "lunik.qemu.property"
local qemu = require "lunik.qemu"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

local option = {}

local names = { device = true, chardev = true, object = true, netdev = true, blockdev = true }

function option.is(name) return names[name] or false end

-- Looking at one of these ends a QEMU that lacks its module, and none can come later.
local function display(driver) return driver:find "%-gl$" or driver:find "%-gl%-" end

local function nearest(vm, driver)
  local list = vm.monitor:exec("qom-list-types", { implements = "device", abstract = false })
  local known = {}
  for i, each in ipairs(list or {}) do known[i] = each.name end
  return suggest.hint(driver, known)
end

-- Property -> type | nil, why
local function properties(vm, driver)
  if display(driver) then return nil, ("'%s' cannot come while the machine runs"):format(driver) end
  local list, why, class = vm.monitor:exec("device-list-properties", { typename = driver })
  if not list and class == "DeviceNotFound" then
    return nil, ("no device '%s'%s"):format(driver, nearest(vm, driver))
  end
  if not list then return nil, why end
  local out = {}
  for _, each in ipairs(list) do
    local slot = (each.description or ""):find "^Slot and optional function"
    out[each.name] = slot and "slot" or each.type
  end
  return out
end

-- Where a driver plugs into, by the properties that those of a bus have: `port` is a hub's on
-- USB, `lun` a disk's on SCSI, and `addr` a slot on PCI.
local function attach(sketch, args, props)
  if args.bus then return end
  if props.addr == "slot" then
    local port = sketch:port(args.id, "device", args.id)
    args.bus, args.addr = port.bus, port.addr
  elseif props.lun and props["scsi-id"] then
    args.bus = "scsi.0"
  end
end

local OWN = { driver = true, id = true, bus = true }

local function spelled(args, props)
  for _, key in ipairs(sorted(args)) do
    if type(key) == "string" and not OWN[key] and not property.spelling(props, key) then
      return nil, ("device.%s: %s has no such property%s"):format(key, args.driver,
        suggest.hint(key:gsub("_", "-"), sorted(props)))
    end
  end
  return true
end

local function row_of(name, args, props)
  return { plug = function(sketch)
    if props then attach(sketch, args, props) end
    sketch:add(qemu.entry(name, args, props))
  end }
end

-- The checked item of an option's arguments | nil, why
function option.read(vm, name, args, count)
  local problems = {}
  if type(args[1]) == "string" and name == "device" then args.driver, args[1] = args[1], nil end
  if name == "device" and (type(args.driver) ~= "string" or args.driver == "") then
    return nil, "device.driver: required: a device of QEMU's"
  end
  if name == "chardev" and args.backend then args[1], args.backend = args.backend, nil end
  args.id = args.id or name ~= "blockdev" and ("%s-p%d"):format(name, count) or nil
  qemu.check(name, args, function(key, why)
    problems[#problems + 1] = ("%s%s: %s"):format(name, key and "." .. tostring(key) or "", why)
  end)
  if #problems > 0 then return nil, table.concat(problems, "\n") end
  local id = args.id or args["node-name"] or args.node_name
  if not id then return nil, "blockdev.node-name: required: a name to take it away by" end
  local props, why
  if name == "device" then
    props, why = properties(vm, args.driver)
    if not props then return nil, "device.driver: " .. why end
    local ok
    ok, why = spelled(args, props)
    if not ok then return nil, why end
  end
  return { family = name, kind = "qemu", id = id,
           row = row_of(name, args, props) }
end

return option

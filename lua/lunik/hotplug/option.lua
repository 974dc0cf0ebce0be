-- SPDX-License-Identifier: MIT
-- Reads requests for what no family covers: any device, chardev, object, netdev or blockdev of
-- QEMU's, typed by the running QEMU, whose word for a driver's properties is the last one.
local paths = require "lunik.machine.paths"
local property = require "lunik.qemu.property"
local qemu = require "lunik.qemu"
local sandbox = require "lunik.qemu.sandbox"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

local option = {}

option.names = { "device", "chardev", "object", "netdev", "blockdev" }

local is = {}
for _, name in ipairs(option.names) do is[name] = true end

local last = #option.names

-- These, to be read.
option.listed = ("%s and %s"):format(table.concat(option.names, ", ", 1, last - 1),
  option.names[last])

function option.is(name) return is[name] or false end

-- Looking at one of these ends a QEMU that lacks its module, and none can come later.
local function display(driver) return driver:find "%-gl$" or driver:find "%-gl%-" end

local function nearest(context, driver)
  local list = context.monitor:exec("qom-list-types", { implements = "device", abstract = false })
  local known = {}
  for i, each in ipairs(list or {}) do known[i] = each.name end
  return suggest.hint(driver, known)
end

-- Property -> type | nil, why, code
local function properties(context, driver)
  if display(driver) then
    return nil, ("'%s' cannot come while the machine runs"):format(driver), "unsupported"
  end
  local list, why, class = context.monitor:exec("device-list-properties", { typename = driver })
  if not list and class == "DeviceNotFound" then
    return nil, ("no device '%s'%s"):format(driver, nearest(context, driver)), "invalid"
  end
  if not list then return nil, why, class end
  local out = {}
  for _, each in ipairs(list) do
    local slot = (each.description or ""):find "^Slot and optional function"
    out[each.name] = slot and "slot" or each.type
  end
  return out
end

-- Where a driver plugs into, by the properties that those of a bus have: `port` is a hub's on
-- USB, `lun` a disk's on SCSI, and `addr` a slot on PCI.
local function attach(drawing, args, props)
  if args.bus then return end
  if props.addr == "slot" then
    local port = drawing:port(args.id, "device", args.id)
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
  return { plug = function(drawing)
    if props then attach(drawing, args, props) end
    drawing:add(qemu.entry(name, args, props))
  end }
end

-- Arguments as the rows of lunik.qemu have them, with an id to take it away by.
local function arranged(name, args, count)
  if type(args[1]) == "string" and name == "device" then args.driver, args[1] = args[1], nil end
  if name == "chardev" and args.backend then args[1], args.backend = args.backend, nil end
  args.id = args.id or name ~= "blockdev" and ("%s-p%d"):format(name, count) or nil
  return args
end

-- The arguments, checked, their paths as `about` (of option.read) sees them | nil, why
local function check(name, args, about)
  if name == "device" and (type(args.driver) ~= "string" or args.driver == "") then
    return nil, "device.driver: required: a device of QEMU's"
  end
  local problems = {}
  local function report(key, why)
    problems[#problems + 1] = ("%s%s: %s"):format(name, key and "." .. tostring(key) or "", why)
  end
  qemu.check(name, args, report)
  if about.sandboxed then sandbox.check(qemu.rows[name], args, report) end
  if #problems == 0 then args = paths.settle(qemu.rows[name], args, about, report) end
  if #problems == 0 then return args end
  return nil, table.concat(problems, "\n")
end

-- The checked item of an option's arguments | nil, why, code. about: dir, where paths begin, host,
-- and sandboxed, whether QEMU is
function option.read(context, name, fields, count, about)
  local args, why = check(name, arranged(name, fields, count), about)
  if not args then return nil, why, "invalid" end
  local id = args.id or args["node-name"] or args.node_name
  if not id then
    return nil, "blockdev.node-name: required: a name to take it away by", "invalid"
  end
  local props, code, ok
  if name == "device" then
    props, why, code = properties(context, args.driver)
    if not props then return nil, "device.driver: " .. why, code end
    ok, why = spelled(args, props)
    if not ok then return nil, why, "invalid" end
  end
  return { family = name, kind = "qemu", id = id, args = args, row = row_of(name, args, props) }
end

return option

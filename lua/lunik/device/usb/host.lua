-- SPDX-License-Identifier: MIT
-- A USB device of the host, by what it is or by where it is plugged in. QEMU takes it from the
-- host when it is there, and gives it back when the machine ends.
local kind = require "lunik.schema.kind"
local name = require "lunik.device.name"
local qemu = require "lunik.qemu"

local what = { name = "usb device", expects = 'vendor and product, such as "046d:c52b"',
  read = function(value)
  if type(value) == "string" and value:find "^%x%x%x%x:%x%x%x%x$" then return value:lower() end
  return nil, 'vendor and product expected, such as "046d:c52b", got ' .. kind.show(value)
end }

local where = { name = "usb port", expects = 'bus and port, such as "1-2" or "3-1.4"',
  read = function(value)
  if type(value) == "string" and value:find "^%d+%-%d[%d.]*$" then return value end
  return nil, 'bus and port expected, such as "1-2" or "3-1.4", got ' .. kind.show(value)
end }

local host = {
  doc = "a USB device of the host",
  example = 'kind = "host", device = "046d:c52b"',
  fields = {
    { "device", kind = what, example = 'device = "046d:c52b"',
      doc = "vendor and product, as lsusb shows them" },
    { "where", kind = where, example = 'where = "1-2"',
      doc = "bus and port, as /sys/bus/usb/devices names them" },
    { "id", kind = kind.id, example = 'device = "046d:c52b", id = "key"',
      doc = name.numbered_doc "usb" },
  },
  needs = function() return { usb = true } end,
  fork = "refuse", no_fork = "a device of the host is in one machine at a time",
  says = { vendorid = "device", productid = "device", hostbus = "where", hostport = "where" },
}

function host.complete(usb, context)
  usb.id = usb.id or name.numbered("usb", context)
end

function host.check(usb)
  if not usb.device and not usb.where then
    return nil, "device", 'say which: device = "046d:c52b", or where = "1-2"'
  end
  return true
end

local function hex(text) return tonumber(text, 16) end

-- hw/usb/host-libusb.c
function host.emit(plan, usb)
  local vendor, product = (usb.device or ""):match "^(%x+):(%x+)$"
  local bus, port = (usb.where or ""):match "^(%d+)%-(.*)$"
  plan:add(qemu.device { "usb-host", id = usb.id, bus = "usb.0",
    vendorid = vendor and hex(vendor), productid = product and hex(product),
    hostbus = bus and math.tointeger(bus), hostport = port })
end

host.plug = host.emit

return host

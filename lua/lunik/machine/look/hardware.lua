-- SPDX-License-Identifier: MIT
-- Hardware of the host that goes to the guest, and devices that the kernel does the work of.
local kind = require "lunik.schema.kind"

local show = kind.show

local looks = {}

-- hw/vfio/pci.c: DDDD:BB:DD.F, the domain may be left out
function looks.vfio(self, about)
  local args = about.args
  local address = type(args.host) == "string" and args.host
  if not address then return end
  local whole = address:find "^%x+:%x+:%x+%.%x+$" and address or "0000:" .. address
  local found = self.host.hardware.pci(whole:lower())
  if not found then
    return self:add("host", address, "device-missing", ("no PCI device %s on this host"):format(
      show(address)))
  end
  if found.driver ~= "vfio-pci" then
    return self:add("host", address, "device-driver", ("the PCI device %s is bound to %s, not to "
      .. "vfio-pci"):format(show(address), found.driver or "no driver"))
  end
  if found.group then self:may_use("host", address, "/dev/vfio/" .. found.group) end
end

local function number(value) return math.tointeger(tonumber(value)) end

-- By the properties that say which (hw/usb/host-libusb.c): which of the device's each is
local usb_keys = { vendorid = "vendor", productid = "product", hostbus = "bus",
  hostaddr = "number", hostport = "port" }

local function matches(one, args)
  for key, name in pairs(usb_keys) do
    local wanted = args[key]
    local own = one[name]
    if wanted ~= nil and (name == "port" and tostring(wanted) ~= own
      or name ~= "port" and number(wanted) ~= 0 and number(wanted) ~= own) then
      return false
    end
  end
  return true
end

-- QEMU waits for one that is not plugged in.
function looks.usb(self, about)
  local args, key = about.args, nil
  for _, name in ipairs { "hostport", "hostaddr", "hostbus", "productid", "vendorid" } do
    key = args[name] ~= nil and name or key
  end
  if not key then return end
  for _, one in ipairs(self.host.hardware.usb()) do
    if matches(one, args) then return self:may_use(key, args[key], one.node) end
  end
  local words = {}
  for _, name in ipairs { "vendorid", "productid", "hostbus", "hostaddr", "hostport" } do
    local value = args[name]
    if value ~= nil then
      words[#words + 1] = name .. "=" .. (name:find "id$" and number(value)
        and ("0x%04x"):format(number(value)) or tostring(value))
    end
  end
  self:add(key, args[key], "device-missing", ("no such USB device is plugged in: %s; the guest "
    .. "gets it when it comes"):format(table.concat(words, " ")), "warning")
end

-- What the kernel does a device's work by. Handed over as a descriptor it is somebody else's care.
local function kernel(path)
  return function(self, about)
    local args = about.args
    if args.vhostfd then return end
    if not self.host.kind(path) then
      return self:add(nil, nil, "device-missing", ("%s is not there, which %s takes"):format(path,
        tostring(about.form)))
    end
    self:may_use(nil, nil, path)
  end
end

looks["vhost-vsock"] = kernel "/dev/vhost-vsock"
looks["vhost-scsi"] = kernel "/dev/vhost-scsi"

return looks

-- SPDX-License-Identifier: MIT
-- What hardware this host could hand to a guest, as sysfs(5) shows it: network interfaces, PCI
-- devices, USB devices. Nothing is opened.
local facts = require "lunik.host.facts"
local unistd = require "posix.unistd"

local hardware = {}

local function text(path) return (facts.head(path, 256) or ""):match "^%s*([^\n]-)%s*$" end

local function last_of_link(path)
  local target = unistd.readlink(path)
  return target and target:match "[^/]*$"
end

-- What its processor is called | nil, where the kernel does not tell.
function hardware.processor()
  return (facts.head("/proc/cpuinfo", 1 << 14) or ""):match "\nmodel name%s*:%s*([^\n]+)"
end

-- A network interface: { bridge = it is one, tap = it is one, owner = the user of a tap | nil, of
-- which program it is up } | nil. Names: their list is hardware.interfaces.
function hardware.interface(name)
  local folder = "/sys/class/net/" .. name
  if name:find "/" or not facts.kind(folder) then return nil end
  local owner = text(folder .. "/owner")
  return { bridge = facts.kind(folder .. "/bridge") ~= nil,
           tap = facts.kind(folder .. "/tun_flags") ~= nil,
           owner = math.tointeger(tonumber(owner)) }
end

function hardware.interfaces()
  local names = {}
  for _, name in ipairs(facts.list "/sys/class/net") do
    if not name:find "^%." and hardware.interface(name) then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

-- A PCI device by its address: { driver = name | nil, group = of the IOMMU | nil } | nil
function hardware.pci(address)
  local folder = "/sys/bus/pci/devices/" .. address
  if address:find "/" or not facts.kind(folder) then return nil end
  return { driver = last_of_link(folder .. "/driver"), group = last_of_link(folder
    .. "/iommu_group") }
end

local function usb_device(name)
  local folder = "/sys/bus/usb/devices/" .. name .. "/"
  local vendor, product = text(folder .. "idVendor"), text(folder .. "idProduct")
  if vendor == "" then return nil end
  local bus, number = tonumber(text(folder .. "busnum")), tonumber(text(folder .. "devnum"))
  return { name = name, vendor = tonumber(vendor, 16), product = tonumber(product, 16), bus = bus,
           number = number, port = name:match "^%d+%-(.*)$",
           node = ("/dev/bus/usb/%03d/%03d"):format(bus or 0, number or 0) }
end

-- The USB devices that are plugged in: { name = "1-2", vendor, product, bus, number, port, node }.
function hardware.usb()
  local list = {}
  for _, name in ipairs(facts.list "/sys/bus/usb/devices") do
    list[#list + 1] = name:find "^%d[%d.-]*$" and usb_device(name) or nil
  end
  return list
end

return hardware

-- SPDX-License-Identifier: MIT
-- Plugs a USB device of the host when it appears, and unplugs it when it goes:
--   usb_devices { "046d:c52b", "1050:0407" }
-- The kernel makes a node for each device below /dev/bus/usb, a folder for each bus; a node begins
-- with the device's descriptor (usb(4), USB 2.0 table 9-8), which names vendor and product.
local dirent = require "posix.dirent"
local stat = require "posix.sys.stat"

local function folders(root)
  local list = {}
  if not stat.stat(root) then return list end        -- a host without USB
  for name in dirent.files(root) do
    if name:find "^%d+$" then list[#list + 1] = root .. "/" .. name end
  end
  return list
end

local function identity(path)
  local found = stat.stat(path)
  if not found or stat.S_ISDIR(found.st_mode) ~= 0 then return nil end
  local node = io.open(path, "rb")
  local descriptor = node and node:read(18)
  if node then node:close() end
  if not descriptor or #descriptor < 12 then return nil end
  return ("%04x:%04x"):format(string.unpack("<I2I2", descriptor, 9))
end

-- "/dev/bus/usb/001/002" -> "usb-001-002"
local function id_of(path) return "usb-" .. path:match "([^/]+/[^/]+)$":gsub("/", "-") end

return function(make, options)
  local wanted, root = {}, make.path(options.root or "/dev/bus/usb")
  for _, device in ipairs(options) do wanted[device:lower()] = true end

  local function bring(vm, path)
    local device = identity(path)
    if not device or not wanted[device] or vm:device(id_of(path)) then return end
    local one, why = vm:plug("usb", { kind = "host", device = device, id = id_of(path) })
    if not one then vm:tell("problem", ("usb %s: %s"):format(device, why)) end
  end

  local function take(vm, path)
    if vm:device(id_of(path)) then vm:unplug(id_of(path), { force = true }) end
  end

  local function look(vm)
    for _, folder in ipairs(folders(root)) do
      for name in dirent.files(folder) do bring(vm, folder .. "/" .. name) end
    end
  end

  local on_change = { created = bring, written = bring, deleted = take }
  local items = { make.on("ready", look) }
  for _, folder in ipairs(folders(root)) do
    items[#items + 1] = make.watch(folder, function(vm, change)
      if change.kind == "overflow" then return look(vm) end
      if on_change[change.kind] then on_change[change.kind](vm, change.path) end
    end)
  end
  return make.part(items)
end

-- SPDX-License-Identifier: MIT
-- Where devices sit: buses that are not there, are of another kind or come later; slots and
-- addresses that are taken. Boards that are not known here are left alone.
local device = require "lunik.verify.device"
local offers = require "lunik.verify.offers"
local required = require "lunik.verify.required"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

-- The kind of board, or nil: "pc" and "q35" by any version.
local function family(line)
  if line.arch ~= "x86_64" and line.arch ~= "i386" then return nil end
  local board = line.board or "pc"
  if board == "pc" or board:find "^pc%-i440fx" then return "pc" end
  if board == "q35" or board:find "^pc%-q35" then return "q35" end
end

-- What is known of a place that a driver needs: the kind of bus | nil.
local function needs(known, driver)
  local section = driver and known:head("device", driver)
  local bus = section and section[2]
  return bus ~= "" and bus or nil
end

local function usb_of_board(line)
  for _, entry in ipairs(line:all "machine") do
    local usb = entry.args and entry.args.usb
    if usb == true or usb == "on" then return true end
  end
  return line:last "usb" ~= nil or line:last "usbdevice" ~= nil
end

-- The buses of the board: name -> kind.
local function of_board(line, kind)
  local buses = {}
  for of, names in pairs(offers.boards[kind]) do
    for _, name in ipairs(names) do buses[name] = of end
  end
  if usb_of_board(line) then buses["usb-bus.0"] = "usb-bus" end
  return buses
end

-- The name of the bus that a device makes, and what follows the dot is open: ID.0, ID.1 …
local function made_by(entry)
  local id, kind = entry.args.id, offers[device.driver(entry) or ""]
  return kind and type(id) == "string" and id or nil, kind
end

local function kind_of(buses, made, name)
  if buses[name] then return buses[name] end
  local found = made[name]
  if found and (offers.plain[found.kind] or offers.fixed[found.kind]) then
    return found.kind, found
  end
  local id, number = name:match "^(.*)%.(%d+)$"
  found = id and made[id]
  if not found or offers.plain[found.kind] then return nil end
  local there = offers.fixed[found.kind] or tonumber(number) < (offers.count[found.driver] or 1)
  return there and found.kind or nil, found
end

-- What a device's bus is called whose name is nearly that.
local function of_device(made, name)
  local id = name:match "^(.*)%.%d+$"
  local found = made[name] or id and made[id]
  if not found then return nil end
  return offers.plain[found.kind] and id or (made[name] and name or id) .. ".0"
end

local shown = { ["usb-bus"] = "USB", ["virtio-serial-bus"] = "virtio-serial" }

local function named(entry, want, buses, made, report)
  local name = entry.args.bus
  local kind, found = kind_of(buses, made, name)
  if not kind then
    local names = sorted(buses)
    for id, each in pairs(made) do
      names[#names + 1] = offers.plain[each.kind] and id or id .. ".0"
    end
    table.sort(names)
    local hint = suggest.hint(name, names)
    local own = of_device(made, name)
    if own then hint = ("; did you mean '%s'?"):format(own) end
    if name == "usb.0" and buses["usb-bus.0"] then hint = "; did you mean 'usb-bus.0'?" end
    report:add(entry, "bus", "bus", ("no bus '%s'%s"):format(name, hint))
  elseif want and kind ~= want then
    report:add(entry, "bus", "bus", ("%s needs a %s bus, but '%s' is %s"):format(
      device.driver(entry), shown[want] or want, name, shown[kind] or kind))
  elseif found and found.at > entry.at and not entry.json then
    report:add(entry, "bus", "order", ("bus '%s' is made later; put its controller first"):format(
      name))
  end
end

local controllers = { ["usb-bus"] = "qemu-xhci", SCSI = "virtio-scsi-pci", HDA = "intel-hda",
  ["virtio-serial-bus"] = "virtio-serial-pci", ["nvme-bus"] = "nvme", ["ccid-bus"] = "usb-ccid",
  ["sd-bus"] = "sdhci-pci" }

-- A device that names no bus takes the first of its kind.
local function unnamed(entry, want, buses, kinds, report)
  if not controllers[want] or kinds[want] then return end
  for _, kind in pairs(buses) do
    if kind == want then return end
  end
  report:add(entry, "bus", "bus", ("no %s controller; add -device %s"):format(shown[want] or want,
    controllers[want]))
end

local function slot_of(addr)
  local slot, func = tostring(addr):match "^0?[xX]?(%x+)%.?0?[xX]?(%x*)$"
  if math.type(addr) == "integer" then return addr >> 3, addr & 7 end
  if not slot then return nil end
  return tonumber(slot, 16), func == "" and 0 or tonumber(func, 16)
end

-- Slots that the board fills: those of its chips, and of what it adds unless told not to.
local function fixed(line, kind)
  local taken = {}
  local bus = kind == "pc" and "pci.0" or "pcie.0"
  local function take(slot, what) taken[("%s %d"):format(bus, slot)] = what end
  take(0, "the host bridge")
  if line:last "nodefaults" then return taken, bus end
  local vga = line:last "vga"
  if not (vga and vga.text == "none") then
    take(kind == "pc" and 2 or 1, "the default VGA card")
  end
  local own = line:last "net" or line:last "nic" or line:last "netdev"
  for _, entry in ipairs(line:all "device") do
    own = own or entry.args and entry.args.netdev
  end
  if not own then
    take(kind == "pc" and 3 or 2, "the default network card (-nic none leaves it out)")
  end
  return taken, bus
end

local function is_on(value) return value == true or value == "on" end

-- Functions of the slot of the board's chipset (hw/i386/pc_piix.c, pc_q35.c).
local function chipset(kind)
  local chip = { args = { multifunction = true, driver = "the board's chipset" } }
  if kind == "pc" then return "pci.0 1", { [0] = chip, chip, [3] = chip } end
  return "pcie.0 31", { [0] = chip, [2] = chip, [3] = chip }
end

-- PCI addresses that are given: taken twice, or a function without a whole.
local function slots(line, kind, made, known, report)
  local taken, root = fixed(line, kind)
  local functions = {}
  local place, chips = chipset(kind)
  functions[place] = chips
  for _, entry in ipairs(line:all "device") do
    local args, driver = entry.args, entry.args and device.driver(entry)
    local section = driver and known:head("device", driver)
    if args and args.addr and section and section[2] == "PCI" then
      local slot, func = slot_of(args.addr)
      local bus = args.bus or root
      local port = made[bus]
      if slot and port and port.driver == "pcie-root-port" and slot > 0 then
        report:add(entry, "addr", "slot-taken", ("root port %s has only slot 0"):format(bus))
      elseif slot then
        place = ("%s %d"):format(bus, slot)
        local whole = functions[place]
        if taken[place] then
          report:add(entry, "addr", "slot-taken", ("PCI slot %x is taken by %s"):format(slot,
            taken[place]))
        elseif whole and whole[func] then
          report:add(entry, "addr", "slot-taken", ("PCI slot %x.%d is taken by %s"):format(slot,
            func, device.driver(whole[func])))
        elseif whole and func ~= 0 and whole[0] and not is_on(whole[0].args.multifunction) then
          report:add(whole[0], "multifunction", "slot-taken",
            ("%s needs multifunction=on where function %d of its slot is used; did you mean 'on'?"
            ):format(device.driver(whole[0]), func))
        end
        functions[place] = whole or {}
        functions[place][func] = entry
      end
    end
  end
end

-- Units of a SCSI bus.
local function units(line, known, report)
  local taken = {}
  for _, entry in ipairs(line:all "device") do
    local args = entry.args
    local id = args and (args["scsi-id"] or args.scsi_id)
    if id and needs(known, device.driver(entry)) == "SCSI" then
      local place = ("%s %s %s %s"):format(args.bus or "", args.channel or 0, id, args.lun or 0)
      if taken[place] then
        report:add(entry, "lun", "slot-taken", ("scsi-id %s lun %s is taken"):format(id,
          args.lun or 0))
      end
      taken[place] = entry
    end
  end
end

-- A root port with two devices of which none has an address.
local function ports(line, made, report)
  local first = {}
  for _, entry in ipairs(line:all "device") do
    local bus = entry.args and entry.args.bus
    local port = bus and made[bus]
    if port and port.driver == "pcie-root-port" then
      if first[bus] and not first[bus].args.addr and not entry.args.addr then
        report:add(entry, "bus", "slot-taken", ("root port %s has one slot, and %s is in it")
          :format(bus, device.driver(first[bus])))
      end
      first[bus] = first[bus] or entry
    end
  end
end

-- Devices that only one kind of board takes.
local function of_this_board(entry, kind, report)
  local driver = device.driver(entry)
  local board = required.of_board[driver]
  if board and board ~= kind then
    report:add(entry, "driver", "bus", ("%s needs -machine %s"):format(driver, board))
  end
end

return function(line, report)
  local known, kind = line.known, family(line)
  if not known or not kind or line.open then return end
  local buses, made, kinds = of_board(line, kind), {}, {}
  for _, entry in ipairs(line:all "device") do
    if entry.args then
      local id, of = made_by(entry)
      if of then kinds[of] = true end
      if id then made[id] = { kind = of, at = entry.at, driver = device.driver(entry) } end
    end
  end
  for _, entry in ipairs(line:all "device") do
    local want = entry.args and needs(known, device.driver(entry))
    if entry.args then of_this_board(entry, kind, report) end
    if entry.args and type(entry.args.bus) == "string" then
      named(entry, want, buses, made, report)
    elseif want then
      unnamed(entry, want, buses, kinds, report)
    end
  end
  slots(line, kind, made, known, report)
  ports(line, made, report)
  units(line, known, report)
end

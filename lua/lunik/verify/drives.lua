-- SPDX-License-Identifier: MIT
-- Drives: formats left to guessing, places taken twice, interfaces that a board does not have.
local types = { ide = true, scsi = true, floppy = true, pflash = true, mtd = true, sd = true,
  virtio = true, none = true, xen = true }

-- How many places a bus of an interface has, and the interfaces of boards (hw/i386/pc.c: none
-- attaches if=scsi; q35 and microvm have no -hda of IDE's second kind).
local units = { ide = 2, floppy = 2 }

local function is_x86(line) return line.arch == "x86_64" or line.arch == "i386" end

local function board_of(line) return line.board or is_x86(line) and "pc" or "" end

-- if= that the board does not look at: such a drive is orphaned, and QEMU refuses it.
local function orphan(entry, line, kind, report)
  local board = board_of(line)
  local lacks = is_x86(line) and (kind == "scsi" or kind == "sd" or kind == "mtd")
    or board:find "microvm" and kind == "ide"
  if lacks and board ~= "none" then
    report:add(entry, "if", "bus", ("%s does not use if=%s; use if=none and a device"):format(board,
      kind))
  end
end

-- A place as (interface, bus, unit) | nil where QEMU chooses one.
local function place(args, kind)
  local index, bus, unit = tonumber(args.index), tonumber(args.bus), tonumber(args.unit)
  if index then
    local per = units[kind]
    if not per then return 0, index end
    return index // per, index % per
  end
  if bus or unit then return bus or 0, unit or 0 end
end

local function guessed(entry, report)
  local args = entry.args
  local file = args.file or args["file.filename"]
  if type(file) == "string" and file ~= "" and not args.format and not args.driver
    and not args["file.driver"] and args.media ~= "cdrom" and not file:find "^%w[%w+]+:" then
    report:add(entry, "format", "format-guessed",
      "give format=raw or another; guessing forbids the guest to write to block 0")
  end
end

local short = { hda = { "ide", 0 }, hdb = { "ide", 1 }, hdc = { "ide", 2 }, hdd = { "ide", 3 },
  cdrom = { "ide", 2 }, fda = { "floppy", 0 }, fdb = { "floppy", 1 } }

-- Places that a PC has of an interface: buses, and units of each (hw/block/fdc.c, hw/ide/*).
local function is_outside(line, kind, bus, unit)
  local board = board_of(line)
  if kind == "floppy" then return bus > 0 or unit > 1 end
  if kind ~= "ide" then return false end
  if board == "pc" or board:find "^pc%-i440fx" then return bus > 1 or unit > 1 end
  return (board == "q35" or board:find "^pc%-q35") and (bus * 2 + unit > 5 or unit > 1)
end

local function outside(entry, line, kind, bus, unit, report)
  if not is_x86(line) or not is_outside(line, kind, bus, unit) then return end
  local key = entry.args.index and "index" or entry.args.bus and "bus" or "unit"
  report:add(entry, key, "bus", ("the machine has no place for %s bus %d unit %d"):format(kind, bus,
    unit))
end

local function take(taken, entry, kind, bus, unit, report)
  local id = ("%s %d %d"):format(kind, bus, unit)
  local before = taken[id]
  if before then
    report:add(entry, entry.name == "drive" and "index" or nil, "duplicate-id",
      ("%s and %s are both %s bus %d unit %d%s"):format(before.name, entry.name, kind, bus, unit,
      units[kind] and (" (index %d)"):format(bus * units[kind] + unit) or ""))
  end
  taken[id] = before or entry
end

local function throttling(entry, report)
  local args = entry.args
  for _, unit in ipairs { "bps", "iops" } do
    local dotted = unit == "bps" and "throttling.bps-total" or "throttling.iops-total"
    for _, way in ipairs { "rd", "wr" } do
      local part = unit .. "_" .. way
      if (args[unit] or args[dotted]) and (args[part] or args[part:gsub("_", "-")]) then
        report:add(entry, part, "exclusive", ("%s and %s exclude each other"):format(unit, part))
      end
    end
  end
end

local function direct(entry, report)
  local args = entry.args
  if args.aio ~= "native" then return end
  local cache = args.cache
  if cache ~= "none" and cache ~= "directsync" and args["cache.direct"] ~= true
    and args["cache.direct"] ~= "on" then
    report:add(entry, "aio", "exclusive", "aio=native needs cache=none or cache=directsync")
  end
end

local function is_read_only(args)
  local read_only = args.readonly or args["read-only"] or args.snapshot
  return read_only == true or read_only == "on" or args.media == "cdrom"
end

-- Two that write one file: QEMU's lock lets only one.
local function written_twice(entry, files, report)
  local args = entry.args
  local file = args.file or args["file.filename"]
  local unlocked = args.snapshot == true or args["file.locking"] == "off"
  if type(file) ~= "string" or file == "" or unlocked then return end
  local before = files[file]
  if before and not (before.read_only and is_read_only(args)) then
    report:add(entry, "file", "already-used", ("%s and %s both use %s, and one of them writes")
      :format(before.entry.args.id or before.entry.name, args.id or entry.name, file))
  end
  files[file] = before or { entry = entry, read_only = is_read_only(args) }
end

return function(line, report)
  local taken, files = {}, {}
  for _, entry in ipairs(line) do
    local args = entry.args
    if entry.name == "drive" and args then
      local kind = args["if"] or (board_of(line):find "microvm" and "none" or "ide")
      if types[kind] then
        if args["if"] then orphan(entry, line, kind, report) end
        local bus, unit = place(args, kind)
        if bus and kind ~= "none" then
          take(taken, entry, kind, bus, unit, report)
          outside(entry, line, kind, bus, unit, report)
        end
      end
      guessed(entry, report)
      throttling(entry, report)
      direct(entry, report)
      written_twice(entry, files, report)
    elseif short[entry.name] and args then
      local kind, index = table.unpack(short[entry.name])
      take(taken, entry, kind, index // 2, index % 2, report)
    end
  end
end

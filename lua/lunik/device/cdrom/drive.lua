-- SPDX-License-Identifier: MIT
-- A CD-ROM drive on the board's IDE or SATA ports, or on a SCSI controller.
local ide = require "lunik.device.ide"
local kind = require "lunik.schema.kind"
local medium = require "lunik.device.cdrom.medium"
local name = require "lunik.device.name"
local qemu = require "lunik.qemu"

local drive = {
  doc = "a drive, with a medium or without",
  fields = {
    { "file", kind = medium.kind, example = 'file = "debian-13.iso"',
      doc = "its medium, such as an .iso; left out, it is empty" },
    { "bus", kind = kind.one_of { "sata", "ide", "scsi" },
      doc = "what it is plugged into; default: sata or ide, where the board has it, else scsi" },
    { "boot", kind = kind.int(0, 255), example = "boot = 1",
      doc = "boot order, lowest first (bootindex)" },
    { "id", kind = kind.id, example = 'id = "tools"',
      doc = name.numbered_doc "cdrom":match "^[^;]*" },
  },
  fork = "share",
  no_plug = "a drive cannot come while the machine runs; its medium can: lunik cdrom",
}

-- QEMU takes node names of up to 31 bytes; later media of a drive have its id and a number.
local longest = 26

function drive.complete(one, context) one.id = one.id or name.numbered("cdrom", context) end

function drive.check(one, context)
  if #one.id > longest then return nil, "id", ("at most %d characters"):format(longest) end
  if not one.file then return true end
  local ok, why = medium.check(one.file, context.written.file, context.host)
  return ok, "file", why
end

-- Chooses the bus by the board.
function drive.settle(one, machine) one.bus = one.bus or ide.of(machine) or "scsi" end

function drive.join(one, machine)
  drive.settle(one, machine)
  return ide.join(one, machine)
end

function drive.needs(one) return { scsi = one.bus == "scsi" or nil } end

-- hw/ide/ide-dev.c, hw/scsi/scsi-disk.c
function drive.emit(plan, one)
  if one.file then plan:add(medium.node(one.id, one.file, plan.host)) end
  local scsi = one.bus == "scsi"
  local at = scsi and { bus = "scsi.0" } or ide.seat(one)
  plan:add(qemu.device { scsi and "scsi-cd" or "ide-cd", id = one.id, bus = at.bus, unit = at.unit,
    drive = one.file and one.id or nil, bootindex = one.boot })
end

return drive

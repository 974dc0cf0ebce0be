-- SPDX-License-Identifier: MIT
-- `lunik cdrom`: what lies in the drives of a running machine, and another medium for one.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local portable = require "lunik.store.portable"
local shown = require "lunik.cli.shown"

local cdrom = { name = "cdrom", summary = "show or change what lies in a machine's CD-ROM drives" }
cdrom.example = "lunik cdrom dev debian-13.iso"
cdrom.more = { "lunik cdrom -m dev debian-13.iso --id cdrom-1 --timeout 30s --json",
  "lunik cdrom dev --eject --force" }
cdrom.hints = { ["too many arguments"] =
  "the machine comes first, then one medium: lunik cdrom dev debian-13.iso" }

function cdrom.args(command, how)
  arguments.target(command, how, true)
  command:argument("file", "the medium that is to lie in the drive; left out: what does"):args "?"
  command:flag("--eject", "take the medium out")
  command:option("--id", "the drive, where there are several")
  command:flag("--force", "though the guest holds the tray, and reads the medium")
  command:option("--timeout", "for the guest to open the tray; default: 15s")
  command:flag("--json", "as JSON")
end

-- "cdrom-1: /images/debian.iso", "cdrom-2: empty, its tray is open"
local function line(drive)
  local file = drive.file and shown.text(drive.file) or "empty"
  return ("%s: %s%s%s"):format(shown.text(drive.id), file,
    drive.open and ", its tray is open" or "", drive.locked and ", held by the guest" or "")
end

local function print_drives(args, list, vm, out)
  if args.json then
    out:write(core.json.encode { lunik = 1, name = vm.name,
                                 cdrom = core.json.array(portable.encode(list)) }, "\n")
  else
    for _, drive in ipairs(list) do out:write(line(drive), "\n") end
  end
end

-- What was typed, with a path that the supervisor knows, too.
local function asked_of(args)
  if args.file and args.eject then return nil, "a file, or --eject, not both", exit.usage end
  local seconds, why, code = attached.seconds(args, "timeout")
  if seconds == false then return nil, why, code end
  local file = args.file
  if file and file:sub(1, 1) ~= "/" then file = require "posix.unistd".getcwd() .. "/" .. file end
  return { file = file, eject = args.eject, id = args.id, force = args.force, seconds = seconds }
end

function cdrom.run(args, out, err)
  local asked, why, code = asked_of(args)
  if not asked then return nil, why, code end
  local file = asked.file
  asked.file = nil
  return attached.with(args, function(vm)
    if file or asked.eject then attached.hear(vm, err, "stopped") end
    local list, reason = vm:cdrom(file, asked)
    if not list then return nil, reason, exit.problems end
    if #list == 0 and not args.json then err:write(vm.name, ": no CD-ROM drive\n") end
    print_drives(args, list, vm, out)
    return exit.ok
  end, attached.FINISHES)
end

return cdrom

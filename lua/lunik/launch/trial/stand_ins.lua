-- SPDX-License-Identifier: MIT
-- What a trial has in the place of options that would change something, or take something that
-- others have: a function by the option's name, of (trial, one, args, form). It returns the
-- arguments that QEMU gets, and perhaps another option's name; or nothing: the option is left out.
-- Options without one stand as they are.
local blocks = require "lunik.launch.trial.blocks"

local stand_ins = {}

local function left_out(trial, one)
  trial:tells(one, "left out")
end

for name in ("pidfile D dump-vmstate qtest qtest-log incoming loadvm daemonize chroot runas "
  .. "run-with preconfig mem-prealloc mem-path vnc spice gdb s perfmap jitdump snapshot monitor "
  .. "qmp qmp-pretty xen-attach xen-domid"):gmatch "%S+" do
  stand_ins[name] = left_out
end

-- S is QEMU's in any case.
function stand_ins.S() end

-- Backends of characters that touch nothing; all others become "null".
local quiet = { null = true, ringbuf = true, memory = true, mux = true, hub = true, testdev = true,
  none = true, chardev = true, vc = true }

function stand_ins.chardev(trial, one, args, form)
  if quiet[form] then
    args.logfile, args.logappend = nil, nil
    return args
  end
  trial:tells(one, "a null backend")
  return { "null", id = args.id, mux = args.mux }
end

local function port(trial, one, args, form)
  if quiet[form] then return args end
  trial:tells(one, "a null backend")
  return { "null" }
end
stand_ins.serial, stand_ins.parallel, stand_ins.debugcon = port, port, port

-- Keys of -netdev user that open ports, or run programs.
local function without_forwards(trial, one, args)
  for _, key in ipairs { "hostfwd", "guestfwd", "smb" } do
    if args[key] ~= nil then trial:tells(one, "without " .. key) end
    args[key] = nil
  end
  return args
end

function stand_ins.netdev(trial, one, args, form)
  if form == "user" then return without_forwards(trial, one, args) end
  if form == "hubport" then return args end
  trial:tells(one, ("a hub with nobody on it, in the place of %s"):format(form))
  return { "hubport", id = args.id, hubid = trial:number "hub" }
end

function stand_ins.nic(trial, one, args, form)
  if form == "user" then return without_forwards(trial, one, args) end
  if form == "none" or form == "hubport" then return args end
  trial:tells(one, ("a hub with nobody on it, in the place of %s"):format(form))
  return { "hubport", id = args.id, model = args.model, mac = args.mac,
           hubid = trial:number "hub" }
end

function stand_ins.net(trial, one, args, form)
  if form == "user" then return without_forwards(trial, one, args) end
  if form == "nic" or form == "none" then return args end
  left_out(trial, one)
end

-- What takes something of the host's, or a daemon.
local taking = { "^vhost%-user", "^vhost%-vsock", "^vhost%-scsi", "^vhost%-vdpa", "^vfio%-",
  "^usb%-host$", "^scsi%-generic$", "^scsi%-block$", "^x%-vfio" }

function stand_ins.device(trial, one, args)
  local driver = tostring(args[1] or args.driver)
  for _, pattern in ipairs(taking) do
    if driver:find(pattern) then return left_out(trial, one) end
  end
  if args.tpmdev then return left_out(trial, one) end
  return args
end

-- What holds the place of a PCI device that is left out: the arguments | nil, where it has none.
function stand_ins.placeholder(args)
  if not tostring(args[1] or args.driver):find "%-pci$" then return nil end
  return { "pci-testdev", id = args.id, addr = args.addr }
end

stand_ins.tpmdev = left_out

local objects = {}
for name in ("filter-dump filter-mirror filter-redirector qtest pr-manager-helper input-linux "
  .. "can-host-socketcan colo-compare cryptodev-vhost-user iommufd"):gmatch "%S+" do
  objects[name] = left_out
end

objects["memory-backend-file"] = function(trial, one, args)
  trial:tells(one, "memory without a file")
  return { "memory-backend-ram", id = args.id, size = args.size, share = args.share }
end

function stand_ins.object(trial, one, args, form)
  args.prealloc = nil
  if objects[form] then return objects[form](trial, one, args) end
  return args
end

function stand_ins.audiodev(trial, one, args, form)
  if form == "none" then return args end
  trial:tells(one, "no sound")
  return { "none", id = args.id }
end

function stand_ins.display(trial, one, args)
  if args[1] == "none" then return args end
  trial:tells(one, "no display")
  return { "none" }
end

stand_ins["nographic"] = function(trial, one)
  trial:tells(one, "no display")
  return { "none" }, "display"
end

-- A recording would be written.
function stand_ins.icount(trial, one, args)
  if args.rr ~= "record" then return args end
  trial:tells(one, "without a recording")
  args.rr, args.rrfile, args.rrsnapshot = nil, nil, nil
  return args
end

function stand_ins.machine(_, _, args)
  args.dumpdtb = nil
  return args
end

function stand_ins.trace(_, _, args)
  args.file = nil
  return next(args) ~= nil and args or nil
end

function stand_ins.drive(trial, one) return blocks.drive(trial, one) end

-- Disks in short, by what -drive calls their place.
local places = { fda = { ["if"] = "floppy", index = 0 }, fdb = { ["if"] = "floppy", index = 1 },
  hda = { index = 0, media = "disk" }, hdb = { index = 1, media = "disk" },
  hdc = { index = 2, media = "disk" }, hdd = { index = 3, media = "disk" },
  cdrom = { index = 2, media = "cdrom" }, sd = { ["if"] = "sd" }, mtdblock = { ["if"] = "mtd" },
  pflash = { ["if"] = "pflash", format = "raw" } }

for name, where in pairs(places) do
  stand_ins[name] = function(trial, one, args)
    one.args = { file = args[1] }
    for key, value in pairs(where) do one.args[key] = value end
    local made, why = blocks.drive(trial, one)
    return made, made and "drive" or why
  end
end

return stand_ins

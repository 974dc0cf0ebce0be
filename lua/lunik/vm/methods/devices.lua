-- SPDX-License-Identifier: MIT
-- Methods about devices that come and go: rows of lunik.vm.methods.
local item = require "lunik.schema.item"

-- Only the process that has the machine loads what carries them out.
local function devices() return require "lunik.vm.devices" end

local name = { "name", type = "string", doc = "by its tag or id, or its place here or there" }
local force = { "force", type = "boolean", option = true, optional = true,
                doc = "from whoever uses it, too" }
local seconds = { "seconds", type = "number", option = true, optional = true,
                  doc = "how long the guest may take" }

local MOUNT = "tag, type, from, to, readonly, owner, state, why, port, id, hot, by_hand, later, "
              .. "note"
local DEVICE = "id, family, label, port"
local UNPLUG = { "missing", "invalid", "busy", "refused", "unsupported", "timeout", "closed",
                 "unreachable", "failed" }
local PLUG = { "invalid", "taken", "refused", "unsupported", "missing", "ended", "timeout",
               "closed", "unreachable", "failed" }

-- vm:plug(disk { … }), vm:plug("disk", { file = … }, { seconds = 5 })
local function read_plug(_, what, fields, options)
  local opened = item.open(what)
  local asked = { family = opened and opened.word:gsub("^qemu%.", "") or what,
                  fields = opened and opened.fields or fields }
  if opened and options == nil then options = fields end
  if options ~= nil and type(options) ~= "table" then return nil, "options: a table expected" end
  for option, value in pairs(options or {}) do asked[option] = value end
  return asked
end

local function without(asked, ...)
  local out = {}
  for key, value in pairs(asked) do out[key] = value end
  for _, key in ipairs { ... } do out[key] = nil end
  return out
end

return {
  -- the other fields are checked by the row of the family
  { name = "mount", wire = "lunik-mount", form = "fields", family = "mount", waits = true,
    doc = "a directory of the host in the guest, from now on",
    call = 'vm:mount { from = "/src", to = "/src", … }',
    takes = { { "port", type = "string", optional = true, doc = "the port to take" }, seconds },
    gives = "{ " .. MOUNT .. ", steps }", returns = "the mount, as lunik-mounts lists it",
    codes = PLUG, example = 'vm:mount { from = "/src", readonly = true }',
    run = function(vm, asked)
      return devices().mount(vm, without(asked, "seconds"), { seconds = asked.seconds })
    end },

  { name = "unmount", wire = "lunik-unmount", takes = { name, force, seconds }, waits = true,
    doc = "take such a directory, or one of the start, away",
    empty = true, codes = UNPLUG,
    example = 'vm:unmount("src", { force = true })',
    run = function(vm, asked) return devices().unplug(vm, asked.name, asked) end },

  { name = "mounts", wire = "lunik-mounts", waits = true,
    takes = { { "wanted", type = "array", optional = true,
                doc = "what vm:mount takes, for each mount that there is to be" } },
    doc = "every mount; with a list of those that are wanted, changed to that first",
    gives = "a list of { " .. MOUNT .. " }", returns = "a list of " .. MOUNT, codes = PLUG,
    example = "vm:mounts()",
    run = function(vm, asked) return devices().mounts(vm, asked.wanted) end },

  { name = "plug", wire = "lunik-plug", read = read_plug, waits = true,
    doc = "a device, from now on: an item such as disk { … }, or a family and its fields",
    call = 'vm:plug(disk { … }), vm:plug("disk", { … }, { seconds? })',
    takes = { { "family", type = "string",
                doc = "disk, nic, …, or device, chardev, object, netdev or blockdev of QEMU's" },
      { "fields", type = "object", doc = "as a recipe has them", optional = true },
      { "text", type = "boolean", doc = "their values are words of a command line",
        optional = true, option = true },
      { "dir", type = "string", optional = true, option = true,
        doc = "where paths among them begin; default: the recipe's folder" },
      seconds },
    gives = "{ " .. DEVICE .. ", by_hand }", returns = DEVICE .. ", by_hand", codes = PLUG,
    example = 'vm:plug("memory", { size = "1G" })',
    run = function(vm, asked)
      return devices().plug(vm, asked.family, asked.fields or {}, asked)
    end },

  { name = "unplug", wire = "lunik-unplug", takes = { name, force, seconds }, waits = true,
    doc = "take such a device away; a disk that the guest uses, or that it cannot be asked about, "
      .. "only with force", empty = true, codes = UNPLUG,
    example = 'vm:unplug "usb-p1"',
    run = function(vm, asked) return devices().unplug(vm, asked.name, asked) end },

  { name = "cdrom", wire = "lunik-cdrom", waits = true,
    doc = "what lies in the CD-ROM drives; with a file or eject, changed before",
    takes = { { "file", type = "string", optional = true, doc = "what is to lie in the drive" },
      { "eject", type = "boolean", option = true, optional = true, doc = "nothing is to" },
      { "id", type = "string", option = true, optional = true,
        doc = "of the drive, where there are several" },
      { "force", type = "boolean", option = true, optional = true,
        doc = "though the guest holds the tray" },
      { "seconds", type = "number", option = true, optional = true,
        doc = "how long the guest may take to open it; default 15" } },
    gives = "a list of { id, file, open, locked }", returns = "a list of id, file, open, locked",
    codes = { "invalid", "missing", "busy", "unsupported", "unreachable", "closed", "failed" },
    example = 'vm:cdrom("/images/drivers.iso")',
    run = function(vm, asked) return require "lunik.vm.cdrom".run(vm, asked) end },

  { name = "device", wire = "lunik-device",
    takes = { { "id", type = "string", doc = "of the device" } },
    doc = "what is known of a plugged device", gives = "{ " .. DEVICE .. ", state }",
    returns = DEVICE .. ", state", codes = { "missing" }, example = 'vm:device "usb-p1"',
    run = function(vm, asked) return devices().find(vm, asked.id) end },

  { name = "slots", wire = "lunik-slots", takes = {}, waits = true,
    doc = "what sits in which port, in no port, and stays from the start to the end (fixed)",
    gives = "a list of { port, id, family, label, state, boot }",
    returns = "a list of port, id, family, label, state, boot", codes = { "closed", "failed" },
    example = "vm:slots()",
    run = function(vm) return vm.hotplug:slots() end },
}

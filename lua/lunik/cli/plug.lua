-- SPDX-License-Identifier: MIT
-- `lunik plug`: a device in a running machine, with the fields that a recipe gives it.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local portable = require "lunik.store.portable"

local plug = { name = "plug", summary = "plug a device into a running machine" }
plug.example = "lunik plug dev disk file=data.qcow2"
plug.more = { "lunik plug -m dev usb vendor=0x1234 product=0x5678 --json" }
plug.hints = { ["missing argument 'family'"] =
  "the machine comes first: lunik plug dev disk file=data.qcow2" }

-- What can be plugged, as its rows have it.
local function families()
  local names = require "lunik.hotplug.request".families()
  return ("%s, or QEMU's %s"):format(table.concat(names, ", "),
    require "lunik.hotplug.option".listed)
end

function plug.args(command, how)
  arguments.target(command, how)
  command:argument("family", families())
  command:argument("fields", "FIELD=VALUE, as a recipe has them, such as file=disk.qcow2 or "
    .. "forward=8080:80"):args "*"
  command:flag("--json", "as JSON")
end

local function fields_of(words)
  local fields = {}
  for _, word in ipairs(words) do
    local name, text = word:match "^([%w_.-]+)=(.*)$"
    if not name then return nil, ("FIELD=VALUE expected, got '%s'"):format(word) end
    fields[name] = text
  end
  return fields
end

function plug.run(args, out, err)
  local fields, why = fields_of(args.fields)
  if not fields then return nil, why, exit.usage end
  return attached.with(args, function(vm)
    attached.hear(vm, err)
    local device, reason = vm:plug(args.family, fields,
      { text = true, dir = require "posix.unistd".getcwd() })
    if not device then return nil, reason, exit.problems end
    if args.json then
      out:write(core.json.encode { lunik = 1, name = vm.name, device = portable.encode(device) },
        "\n")
    else
      out:write(device.id, "\n")
      if device.by_hand then
        err:write(vm.name, ": not in use yet; ", device.by_hand, "\n")
      end
    end
    return exit.ok
  end, attached.FINISHES)
end

return plug

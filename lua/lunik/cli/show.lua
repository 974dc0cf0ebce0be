-- SPDX-License-Identifier: MIT
-- `lunik show`: what a saved machine is. Nothing is started, and no recipe is read.
local core = require "lunik.core"
local exit = require "lunik.exit"
local folder = require "lunik.saved.folder"
local portable = require "lunik.store.portable"
local printable = require "lunik.text.printable"
local shown = require "lunik.cli.shown"
local sorted = require "lunik.text.sorted"

local show = { name = "show", summary = "show what a saved machine is" }
show.example = "lunik show ~/saved/dev"
show.more = { "lunik show ~/saved/dev --json" }

function show.args(command)
  command:argument("file", "the folder of the saved machine")
  command:flag("--json", "as JSON")
end

-- What is said wherever one of somebody else's is looked at.
function show.foreign(saved)
  if not saved.owner then return nil end
  return ("it belongs to user %d: whoever restores it runs what is in it"):format(saved.owner)
end

local function count(number, word)
  return ("%d %s%s"):format(number, word, number == 1 and "" or "s")
end

local function board(machine)
  local found = machine.hardware
  local asked = found.asked and found.asked ~= found.type and (" (%s)"):format(found.asked) or ""
  return ("%s%s, %s, QEMU %s"):format(found.type, asked, found.accel or "?", found.qemu)
end

local function cpu(machine)
  local found = machine.hardware
  local one = found.cpu
  local what = one.asked or one.model
  if one.properties then
    local on = 0
    for _, value in pairs(one.properties) do on = on + (value == true and 1 or 0) end
    what = ("%s, pinned as %s with %s"):format(what, one.model, count(on, "feature"))
  end
  return ("%d × %s"):format(#(found.cpus or {}), what)
end

local function memory(machine)
  local found = machine.hardware
  if not found.memory then return nil end
  local lines = { shown.size(found.memory) }
  for _, one in ipairs(found.modules or {}) do
    lines[#lines + 1] = ("%s %s at %#x"):format(one.id, shown.size(one.size), one.address)
  end
  return table.concat(lines, ", ")
end

local function device(one)
  local at = ("%02x.%x"):format(one.slot, one["function"])
  return ("%s at %s%s"):format(one.id, one.bus and one.bus .. ":" or "", at)
end

local function list(each, text)
  local words = {}
  for _, one in ipairs(each or {}) do words[#words + 1] = text(one) end
  return words[1] and words or nil
end

local function devices(machine)
  return list(machine.hardware.devices, function(one) return one.id and device(one) or nil end)
end

local function disks(machine)
  return list(machine.disks, function(disk)
    local words = {}
    for i, layer in ipairs(disk.layers) do words[i] = layer.inside or layer.file end
    return ("%s: %s"):format(disk.id or "disk", table.concat(words, " on "))
  end)
end

local function mounts(machine)
  return list(machine.mounts, function(one)
    local fields = type(one.fields) == "table" and one.fields or one
    local to = fields.to
    return ("%s: %s%s"):format(tostring(one.label or one.tag), tostring(fields.from),
      to and " at " .. tostring(to) or "")
  end)
end

local function forwards(machine)
  return list(machine.forwards, function(one)
    return ("%s: %s:%s to port %s of the guest"):format(tostring(one.name), tostring(one.address),
      tostring(one.port), tostring(one.guest))
  end)
end

local function files(machine)
  local words = {}
  for i, name in ipairs(sorted(machine.files)) do
    words[i] = ("%s %s"):format(name, shown.size(machine.files[name].size))
  end
  return table.concat(words, ", ")
end

local function date(seconds) return os.date("%Y-%m-%d %H:%M:%S", seconds) end

local ROWS = {
  { "saved", function(machine)
    return ("%s, by lunik %s"):format(date(machine.saved), machine.lunik or "?")
  end },
  { "restored", function(_, saved)
    local mark = saved.used
    if not mark then return "not yet" end
    return ("%s%s: its disks have moved on"):format(mark.at and date(mark.at) or "yes",
      mark.into and " into " .. mark.into or "")
  end },
  { "recipe", function(machine) return machine.recipe.file end },
  { "machine", board }, { "cpus", cpu }, { "memory", memory }, { "devices", devices },
  { "disks", disks }, { "mounts", mounts }, { "forwards", forwards }, { "files", files },
  { "id", function(machine) return machine.generation end },
  { "note", function(_, saved) return show.foreign(saved) end },
}

local function lines_of(value)
  return type(value) == "table" and value or { value }
end

local function text(saved, out)
  out:write(printable(saved.machine.name), "\n")
  for _, row in ipairs(ROWS) do
    local value = row[2](saved.machine, saved)
    for i, line in ipairs(value and lines_of(value) or {}) do
      out:write(("  %-10s  %s\n"):format(i == 1 and row[1] or "", printable(line)))
    end
  end
end

local function json(saved)
  local object = portable.encode(saved.machine)
  object.lunik, object.path = 1, portable.text(saved.path)
  object.saved_by, object.owner, object.used = saved.machine.lunik, saved.owner, saved.used
  return core.json.encode(object)
end

-- A path as it is asked for, absolute | nil, why
function show.open(path)
  local host = require "lunik.host"
  if not host.kind(path) and not path:find "/" then
    return nil, ("%s: no such folder; `lunik status %s` is about a machine of that name"):format(
      printable(path), printable(path))
  end
  return folder.open(host.real(path))
end

function show.run(args, out)
  local saved, why = show.open(args.file)
  if not saved then return nil, printable(why) end
  if args.json then
    local encoded, problem = json(saved)
    if not encoded then return nil, problem end
    out:write(encoded, "\n")
  else
    text(saved, out)
  end
  return exit.ok
end

return show

-- SPDX-License-Identifier: MIT
-- A saved machine against what would be started for it now, before anything is: each difference is
-- named as somebody would say it. A function of data.
--
--   compare(machine, now) -> a list of { code, why, told = it is only told | nil }
--
-- machine: a record (lunik.saved.record). now (lunik.saved.now makes it):
--   outline       of the recipe as it reads now, without secrets (lunik.saved.shadow), under the
--                 name with which the machine was saved: much is derived from it
--   wrong         in its place: why the recipe cannot be read; `gone`, whether it is not there
--   recipe        the path of the one that was read
--   qemu          { version, machines = a set of types, cpu(model) = a set of properties | nil }
--   no_qemu       in its place: why there is none
--   accel arch    what the recipe comes to on this host
--   processor     this host's
--   stamp(path)   { size, mtime, nanos, ctime, inode } of a file | nil
local change = require "lunik.change"
local kind = require "lunik.schema.kind"
local match = require "lunik.change.match"
local printable = require "lunik.text.printable"
local sorted = require "lunik.text.sorted"

-- Fields of the machine that are about this host, or about how it is started: the guest does not
-- notice.
local HOSTS = { ready = true, ready_within = true, signs = true, stop = true, display = true,
                sandbox = true, paused = true, gdb = true, qemu = true, on_host_shutdown = true }

local function add(list, code, why, told)
  list[#list + 1] = { code = code, why = why, told = told or nil }
end

-- The machine as change.between knows a running one: all that it was started with is there, and all
-- can come and go.
local function as_running(outline)
  local devices = {}
  for _, item in ipairs(outline.items) do devices[match.key(item)] = {} end
  return { devices = devices, late = function() return nil end }
end

local function detail(one)
  local field = one.field and one.field .. " " or ""
  return ("%swas %s when it was saved, and is %s now"):format(field, one.before, one.after)
end

local SAID = {
  ["+"] = function(entry)
    return ("%s is in the recipe now (%s), and was not there when it was saved"):format(entry.what,
      entry.at or "added")
  end,
  ["-"] = function(entry)
    return entry.what .. " was there when it was saved, and is not in the recipe any more"
  end,
  ["~"] = function(entry)
    local words = {}
    for i, one in ipairs(entry.details) do words[i] = detail(one) end
    return ("%s: %s"):format(entry.what, words[1] and table.concat(words, "; ")
      or "does something else than when it was saved")
  end,
}

local function is_code(entry)
  return entry.what:find "^hook " ~= nil or entry.step and entry.step[1] == "code"
end

-- Whether it is no more than ports of this host.
local function is_forward(entry)
  local details = entry.details
  return entry.sign == "~" and #details == 1 and details[1].field == "forward"
end

-- What is said of a recipe that cannot be read.
local function unread(saved, now)
  local own = not now.recipe or now.recipe == saved.file
  local why = ("%s %s: %s"):format(own and "its recipe" or "the recipe",
    printable(own and saved.file or now.recipe), now.wrong)
  return own and now.gone and why .. "; --recipe FILE says where it is now" or why
end

local function recipe(machine, now, list)
  local saved = machine.recipe
  if not now.outline then
    return add(list, "recipe", unread(saved, now))
  end
  local changes = change.between(saved.outline, now.outline, as_running(saved.outline))
  for _, entry in ipairs(changes) do
    local told = is_code(entry) or is_forward(entry) or HOSTS[entry.what]
    add(list, told and "recipe-told" or "recipe-changed", SAID[entry.sign](entry), told)
  end
end

local function accelerator(hardware, now, list)
  if hardware.accel and now.accel and hardware.accel ~= now.accel then
    add(list, "accel", ("it was saved under %s, and would be restored under %s"):format(
      hardware.accel, now.accel))
  end
  if hardware.arch and now.arch and hardware.arch ~= now.arch then
    add(list, "arch", ("it was saved as a machine of %s, and the recipe makes one of %s"):format(
      hardware.arch, now.arch))
  end
end

local function board(hardware, qemu, list)
  if not qemu.machines[hardware.type] then
    add(list, "machine-type", ("QEMU %s has no machine %s, which it was saved as"):format(
      qemu.version, hardware.type))
  elseif hardware.qemu ~= qemu.version then
    add(list, "qemu", ("it was saved by QEMU %s, and QEMU %s restores it"):format(hardware.qemu,
      qemu.version), true)
  end
end

-- A CPU that is no more than its name means what this host and this QEMU make of it.
local function loose_cpu(hardware, now, list)
  local cpu, processor = hardware.cpu, hardware.processor
  if cpu.model == "host" and processor and now.processor and processor ~= now.processor then
    add(list, "cpu", ("its CPU is the host's own, which was %s, and is %s here"):format(processor,
      now.processor))
  end
end

local function cpu(hardware, now, list)
  local found = hardware.cpu
  local known = now.qemu.cpu(found.model)
  if not known then
    return add(list, "cpu", ("QEMU %s has no CPU '%s', which it was saved with"):format(
      now.qemu.version, found.model))
  end
  if not found.properties then return loose_cpu(hardware, now, list) end
  for _, name in ipairs(sorted(found.properties)) do
    -- what is off need not be known
    if not known[name] and found.properties[name] then
      add(list, "cpu", ("the CPU of QEMU %s has no '%s', which it was saved with"):format(
        now.qemu.version, printable(name)))
    end
  end
end

local function size(bytes) return ("%s (%d bytes)"):format(kind.size.text(bytes), bytes) end

-- Why a file is not the one that it was | nil
local function replaced(layer, stamp)
  if not stamp then return "is missing" end
  if layer.size ~= stamp.size then
    return ("has %s since: it was %s, and is %s"):format(stamp.size > (layer.size or 0) and "grown"
      or "shrunk", size(layer.size or 0), size(stamp.size))
  end
  if layer.inode ~= stamp.inode then return "was replaced by another file of the same size" end
  if layer.mtime ~= stamp.mtime or (layer.nanos or stamp.nanos) ~= stamp.nanos then
    return "was written to since"
  end
  if layer.ctime ~= stamp.ctime then
    return "was changed since, though it says that it was not written to"
  end
end

local function disks(machine, now, list)
  for i, disk in ipairs(machine.disks or {}) do
    for _, layer in ipairs(disk.layers) do
      local why = not layer.inside and replaced(layer, now.stamp(layer.file))
      if why then
        add(list, "disk", ("disk %s: %s %s"):format(printable(disk.id or tostring(i)),
          printable(layer.file), why))
      end
    end
  end
end

return function(machine, now)
  local list, hardware = {}, machine.hardware
  recipe(machine, now, list)
  accelerator(hardware, now, list)
  if now.qemu then
    board(hardware, now.qemu, list)
    cpu(hardware, now, list)
  elseif now.outline then
    add(list, "qemu", "its QEMU is not here: " .. (now.no_qemu or "nobody can be asked"))
  end
  disks(machine, now, list)
  return list
end

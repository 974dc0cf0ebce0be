-- SPDX-License-Identifier: MIT
-- A finished plan as those who carry it out want it: the command line, in two forms, and plain
-- data that can cross to another process.
local core = require "lunik.core"
local families = require "lunik.device"
local live = require "lunik.qemu.live"

local data = {}

-- The fields by which the same device could be asked for again.
local function fields_of(item)
  local fields = {}
  for _, row in ipairs(item and item.row.known or {}) do
    local value = item[row.name]
    if type(value) ~= "table" then fields[row.name] = value end
  end
  return fields
end

-- The devices that the recipe's items bring beside those that can be unplugged: they are there from
-- the start to the end. { family, label, id = as QEMU knows it | nil }, in their order.
function data.fixed(self)
  local moves, list = {}, {}
  for _, device in ipairs(self.devices) do moves[device.item] = true end
  for _, entry in ipairs(self.argv) do
    local item = type(entry) == "table" and entry.row and entry.row.name == "device" and entry.item
    if item and not moves[item] then
      local id = entry.args.id
      list[#list + 1] = { family = item.family or "device", id = id,
                          label = item.id or item.tag or id or entry.args[1] or entry.args.driver }
    end
  end
  return list
end

-- Gives each device that can be unplugged the commands for that, and the helper that goes with it.
function data.unpluggable(self)
  for _, device in ipairs(self.devices) do
    for _, entry in ipairs(self.argv) do
      local removal = type(entry) == "table" and entry.item == device.item and live.removal(entry)
      if removal then table.insert(device.remove, removal) end
    end
    for _, helper in ipairs(self.helpers) do
      if helper.name == device.id then device.helper = helper end
    end
    device.share, device.fields = self.shares[device.item], fields_of(device.item)
    device.item = nil
  end
end

local function numbers(self)
  local out = {}
  for i, row in ipairs(self.descriptors) do out[row.name] = i + 2 end
  return out
end

local IN_PROC = "/proc/self/fd/%d"

-- A word of such pairs with the descriptor's number.
local function numbered(word, number)
  if word == "%d" then return number or word end
  return number and word == IN_PROC and word:format(number) or word
end

local function has_descriptor(entry)
  for i = 3, #entry do
    if type(entry[i]) == "table" then return true end
  end
end

-- Puts pairs in the place of each descriptor of an entry.
local function with_descriptors(entry, number)
  if not has_descriptor(entry) then return entry end
  local out = { entry[1], entry[2], implied = entry.implied }
  for i = 3, #entry do
    local element = entry[i]
    if type(element) == "table" then
      for _, word in ipairs(number and element.live or element.paste) do
        out[#out + 1] = numbered(word, number and number[element.fd])
      end
    else
      out[#out + 1] = element
    end
  end
  return out
end

-- The parts of an entry as it can be pasted into a shell.
function data.shown(entry) return with_descriptors(entry) end

-- Its words | nil, why
function data.words(entry)
  if entry.verbatim then return { entry[1], entry.verbatim } end
  return core.argv.render { with_descriptors(entry) }
end

-- The command line, program first. "paste" has paths where "live" has the numbers of
-- inherited descriptors; `full` adds control. Returns nil and why for a value that no
-- command line can carry.
function data.command(self, form, full)
  local number, list = form == "live" and numbers(self) or nil, { self.binary }
  for _, entries in ipairs { self.argv, full and self.control or {} } do
    for _, entry in ipairs(entries) do
      if type(entry) == "string" then
        list[#list + 1] = entry
      elseif entry.verbatim then
        list[#list + 1], list[#list + 2] = entry[1], entry.verbatim
      else
        list[#list + 1] = with_descriptors(number and entry.live or entry, number)
      end
    end
  end
  return core.argv.render(list)
end

local crossing = { "name", "dir", "cwd", "paused", "gdb", "sandboxed", "kept", "memory", "runtime",
  "state", "descriptors", "files", "helpers", "hotplug", "ports", "devices", "fixed", "qmp",
  "forwards",
  "networks", "guest", "console", "logs", "qemu_img", "seed", "credentials", "notes", "told",
  "needs", "provisioned", "system_disk", "life", "on_host_shutdown", "disks", "saved", "signs",
  "template", "ready", "stop" }

-- What was asked for of the hardware, in words that other QEMUs may take for something else.
local function hardware(self)
  local machine = self.machine
  if not machine then return nil end      -- a part of a plan, made by itself
  local out = { type = machine.type, arch = machine.arch, accel = machine.accel }
  for _, entry in ipairs(self.argv) do
    if type(entry) == "table" and entry.row and entry.row.name == "cpu" then
      out.cpu = data.words(entry)[2]
    end
  end
  return out
end

-- How many CPUs the machine has when it starts to run, where that, and its memory, is as its own
-- fields say: no option, hook or extension has a say | nil
local function cpus(self)
  local machine = self.machine
  if not machine or not machine.defaults or self.saved then return nil end
  for _, one in ipairs(machine.items) do
    if not families.is_own(one.family) then return nil end
  end
  for _, hook in ipairs(machine.hooks) do
    if hook.point == "started" then return nil end
  end
  return machine.cpus
end

-- The plan as plain data, all that carrying it out takes: `live` is the whole command line, with
-- the numbers of inherited descriptors. nil and why for a value that no command line can carry.
function data.of(self)
  if self.live then return self end
  local argv, why = data.command(self, "live", true)
  if not argv then return nil, why end
  local out = { live = argv }
  for _, name in ipairs(crossing) do out[name] = self[name] end
  out.hardware, out.cpus = hardware(self), cpus(self)
  return out
end

return data

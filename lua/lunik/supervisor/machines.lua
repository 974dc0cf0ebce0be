-- SPDX-License-Identifier: MIT
-- The machines of this user: found by name, or by the recipe they were started from; those that
-- run, those that run without a supervisor, and what is known of those that have ended.
local client = require "lunik.supervisor.client"
local core = require "lunik.core"
local errno = require "posix.errno"
local host = require "lunik.host"
local orphans = require "lunik.process.orphans"
local portable = require "lunik.store.portable"
local records = require "lunik.store.records"
local suggest = require "lunik.text.suggest"

local machines = {}

local function names_in(folder)
  local names = {}
  for _, name in ipairs(host.list(folder)) do
    if name:find "^%w[%w._-]*$" then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

function machines.runtime(name) return host.runtime .. "/" .. name end
function machines.state(name) return host.state .. "/" .. name end

-- What is remembered of a machine: { recipe, began, ended, … } | nil
function machines.remembered(name)
  local text = host.contents(machines.state(name) .. "/machine.json", 1 << 20)
  local found = text and core.json.decode(text)
  if type(found) ~= "table" then return nil end
  found.recipe = found.recipe and portable.bytes(found.recipe)
  return found
end

-- What --set said when it was started: a list of FIELD=VALUE.
function machines.settings(before)
  local list = {}
  for field, value in pairs(before.set or {}) do list[#list + 1] = field .. "=" .. value end
  table.sort(list)
  return list
end

-- The names of all that have a runtime directory, and of all that are remembered.
function machines.present() return names_in(host.runtime) end

function machines.known()
  local names, seen = machines.present(), {}
  for _, name in ipairs(names) do seen[name] = true end
  for _, name in ipairs(names_in(host.state)) do
    if not seen[name] and machines.remembered(name) then names[#names + 1] = name end
  end
  table.sort(names)
  return names
end

local function is_path(text)
  return text == nil or text:find("/", 1, true) or text:find "%.lua$" or text == "." or text == ".."
end

local function of_recipe(path)
  path = path or "vm.lua"
  if host.kind(path) == "directory" then path = path .. "/vm.lua" end
  local real = host.real(path)
  for _, name in ipairs(machines.known()) do
    local found = machines.remembered(name)
    if found and found.recipe and host.real(found.recipe) == real then return name end
  end
  return nil, ("no machine was started from %s"):format(path)
end

-- The name that an argument means: a name, the path of a recipe, or nothing, the recipe here.
-- nil, why where there is none.
function machines.name(argument)
  if is_path(argument) then return of_recipe(argument) end
  local known = machines.known()
  for _, name in ipairs(known) do
    if name == argument then return name end
  end
  return nil, ("no machine '%s'%s"):format(argument, suggest.hint_or_all(argument, known, 8))
end

-- What a runtime directory shows without a supervisor: "starting" (one is at it), "unsupervised",
-- or "gone" (nothing lives).
local function unattended(name, record)
  local dir = machines.runtime(name)
  if record and record.qemu then
    local qemu = orphans.open(record.qemu.pid, record.id)
    if qemu then
      qemu.proc:close()
      if records.started(record) then return "unsupervised" end
    end
  end
  return host.kind(dir .. "/supervisor.lock") and "gone" or nil
end

local function supervisor_lives(name, record)
  return record and record.supervisor
         and orphans.has_open(record.supervisor.pid, machines.runtime(name) .. "/supervisor.lock")
end

-- The state of a machine: "up" with its handle (to be closed), "starting", "foreground" (of a
-- `lunik run` that cannot be asked, or not yet), "stuck" (its supervisor does not answer),
-- "unsupervised", "gone", or "down"; and its record.
function machines.look(name, within)
  local dir = machines.runtime(name)
  local record = records.read(dir)
  local lives = supervisor_lives(name, record)
  if lives and not records.is_up(record) then
    return record.tied and "foreground" or "starting", record
  end
  local vm, _, code = client.open(name, dir .. "/control.sock", within)
  if vm then return "up", record, vm end
  if lives and record.tied then return "foreground", record end
  if code == errno.ETIMEDOUT then
    return record and records.started(record) and "stuck" or "starting", record
  end
  return unattended(name, record) or "down", record
end

-- What to do about a machine that cannot be spoken to.
local ADVICE = {
  starting = "machine '%s' is still starting",
  stuck = "machine '%s' has a supervisor that does not answer: lunik down --force %s ends both",
  foreground = "machine '%s' runs in the foreground of another terminal (lunik run)",
  unsupervised = "machine '%s' has no supervisor: lunik adopt %s",
  gone = "machine '%s' has ended unseen: lunik up starts it again",
  down = "machine '%s' is not running",
}

function machines.advice(name, how)
  return (ADVICE[how]:gsub("%%s", (name:gsub("%%", "%%%%"))))
end

-- The handle of a running machine by name or recipe | nil, why, and its state
function machines.attach(argument, within)
  local name, why = machines.name(argument)
  if not name then return nil, why end
  local how, _, vm = machines.look(name, within)
  if vm then return vm end
  return nil, machines.advice(name, how), how
end

return machines

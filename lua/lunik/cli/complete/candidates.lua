-- SPDX-License-Identifier: MIT
-- What the values of arguments and options may be, for completion: by "verb.name", or by the name
-- alone for all verbs. `false` says that nobody but the user knows. A function is called with the
-- place (lunik.cli.complete), which takes candidates: add(word, doc), paths(kind).
local attached = require "lunik.cli.attached"
local device = require "lunik.device"
local fields = require "lunik.cli.complete.fields"
local host = require "lunik.host"
local machines = require "lunik.supervisor.machines"

local function paths(kind)
  return function(at) at:paths(kind) end
end

local function names(list)
  return function(at)
    for _, name in ipairs(list()) do at:add(name, (machines.remembered(name) or {}).recipe) end
    if at.word:find "^[./~]" then at:paths "recipes" end
  end
end

local present, known = names(machines.present), names(machines.known)

-- A recipe, or the name of a machine that was started from one.
local function started(at)
  known(at)
  at:paths "recipes"
end

-- A folder of a saved machine, or the name of one that was saved without.
local function put_away(at)
  for _, name in ipairs(machines.known()) do
    local folder = machines.saved(name, machines.remembered(name))
    if folder then at:add(name, folder) end
  end
  at:paths "folders"
end

local function pools(at)
  for _, name in ipairs(require "lunik.supervisor.pool.places".names()) do at:add(name) end
end

-- The arrays that were submitted in this folder.
local function arrays(at)
  local find = require "lunik.fleet.find"
  for _, found in ipairs(require "lunik.fleet.records".batches(host.real ".")) do
    at:add(find.id_of(found), ("%d jobs of %s"):format(#found.batch.jobs, found.batch.name))
  end
end

local function waited_for(at)
  known(at)
  arrays(at)
end

local function engines(at)
  for _, name in ipairs(require "lunik.fleet.engines".names) do at:add(name) end
end

-- Calls look(at, vm) with the machine that is meant, where it can be asked.
local function of_machine(look)
  return function(at)
    attached.with({ machine = at.machine }, function(vm)
      look(at, vm)
      return true
    end)
  end
end

local function tags(at, vm)
  for _, mount in ipairs(vm.found.mounts or {}) do at:add(mount.tag, mount.to or mount.from) end
end

local function devices(at, vm)
  for _, each in ipairs(vm.found.devices or {}) do at:add(each.id, each.label or each.family) end
end

local function forwards(at, vm)
  if at.positional[#at.positional] ~= "remove" then return end
  for _, each in ipairs(vm.found.forwards or {}) do
    at:add(each.name, ("port %d, to %d of the guest"):format(each.port, each.guest))
  end
end

local function free_ports(at, vm)
  for _, slot in ipairs(vm:slots() or {}) do
    if not slot.id then at:add(slot.port, "free") end
  end
end

local function drives(at, vm)
  for _, drive in ipairs(vm:cdrom() or {}) do at:add(drive.id, drive.file or "empty") end
end

-- A path of the host, or one of a guest behind its name.
local function either_side(at)
  if at.word:find "^[^/]*:" then return end
  for _, name in ipairs(machines.present()) do at:add(name .. ":", "a path of its guest") end
  at:paths "files"
end

local function families(at)
  for _, name in ipairs(require "lunik.hotplug.request".families()) do
    at:add(name, device.family(name).doc)
  end
  for _, name in ipairs(require "lunik.hotplug.option".names) do
    at:add(name, require "lunik.qemu".rows[name].doc)
  end
end

local function topics(at)
  for _, name in ipairs(require "lunik.cli.help".topics(at.cli)) do at:add(name) end
end

local function checks(at)
  for _, check in ipairs(require "lunik.doctor".checks()) do at:add(check.name, check.doc) end
end

local function events(at)
  local rows = require "lunik.hook.events"
  for _, name in ipairs(rows.names()) do at:add(name, (rows.find(name) or {}).doc) end
end

local function commands(at)
  for _, row in ipairs(require "lunik.control.commands".schema()) do at:add(row.name, row.doc) end
  for _, name in ipairs(fields.known "command") do at:add(name) end
end

return {
  machine = present, ["up.recipe"] = started, ["restart.machine"] = known, ["rm.machine"] = known,
  ["logs.machine"] = known, ["unit.machine"] = started, ["status.machine"] = known,
  ["wait.machine"] = waited_for, job = arrays,
  ["--engine"] = engines, ["--each"] = paths "files", ["--sweep"] = false, ["--jobs"] = false,
  ["--retries"] = false, ["--cache"] = false, ["--time"] = false, ["--gres"] = false,
  ["--constraint"] = false,
  ["--partition"] = false, ["--account"] = false, ["submit.--image"] = false, ["--claim"] = false,
  ["report.machine"] = known,
  ["--machine"] = present,
  recipe = paths "recipes", source = paths "files", ["--diff"] = paths "recipes",
  file = paths "files", directory = paths "folders", folder = paths "folders",
  ["types.--to"] = paths "folders",
  ["show.file"] = paths "folders", ["restore.file"] = put_away, ["fork.file"] = put_away,
  ["pool.file"] = put_away, pool = pools, ["--stop"] = pools, ["--warm"] = false, ["--max"] = false,
  ["--budget"] = false,
  ["--recipe"] = paths "recipes",
  paths = either_side,
  ["--image"] = paths "files", ["--cdrom"] = paths "files", ["--ssh-key"] = paths "files",
  ["--mount"] = paths "folders", ["--qemu"] = paths "files", ["--output"] = paths "files",
  ["--set"] = fields.of_machine, family = families, fields = fields.of_device,
  mount = of_machine(tags), device = of_machine(devices), what = of_machine(forwards),
  ["--port"] = of_machine(free_ports), ["--id"] = of_machine(drives),
  topic = topics, check = checks, ["--event"] = events, ["qmp.command"] = commands,
  shell = false, action = false, command = false, arguments = false, keys = false,
  ["--number"] = false, ["--as"] = false,
  ["--name"] = false, ["--disk"] = false, ["--memory"] = false, ["--cpus"] = false,
  ["--user"] = false, ["--timeout"] = false, ["--older"] = false, ["--latest"] = false,
  ["--count"] = false, ["--every"] = false, ["--escape"] = false, ["--to"] = false,
  ["--tag"] = false, ["--owner"] = false, ["--lines"] = false, ["--text"] = false,
  ["--why"] = false, ["--pid"] = false,
}

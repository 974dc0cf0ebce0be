-- SPDX-License-Identifier: MIT
-- What is written down of a machine that is being saved, and of one that is (lunik.saved.record).
local core = require "lunik.core"
local hardware = require "lunik.saved.hardware"
local host = require "lunik.host"
local journal = require "lunik.vm.apply.journal"
local places = require "lunik.vm.save.places"
local portable = require "lunik.store.portable"
local records = require "lunik.store.records"
local shadow = require "lunik.saved.shadow"
local snapshot = require "lunik.recipe.snapshot"

local record = {}

-- The random name of a saved machine.
function record.new_id()
  local source <close> = assert(io.open("/dev/urandom", "rb"))
  return (source:read(16):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

local MOUNT = { "id", "label", "served", "boot", "port", "asked", "fields" }

local function mounts(list)
  local out = core.json.array {}
  for i, mount in ipairs(list) do
    out[i] = {}
    for _, key in ipairs(MOUNT) do out[i][key] = mount[key] end
  end
  return out
end

-- What an adopter has to know, as the machine's record carries it.
function record.intent(saving)
  return { path = portable.text(saving.path), id = saving.id, paused = saving.paused or false,
           what = saving.what, layers = saving.layers and core.json.object(saving.layers),
           mounts = portable.encode(mounts(saving.mounts)) }
end

local HOT = { "id", "family", "label", "port", "asked" }

-- The devices that came while it ran, but mounts.
local function devices(vm)
  local out = core.json.array {}
  for _, device in ipairs(vm.hotplug:record()) do
    if device.hot and not device.share then
      local row = {}
      for _, key in ipairs(HOT) do row[key] = device[key] end
      out[#out + 1] = row
    end
  end
  return out
end

local UNKNOWN =
  "what it was started from is not known: lunik up starts machines that can be saved"

-- What was read for what runs: that of the start, and what has been applied since.
local function inputs(vm, read)
  local applied = journal.of(vm) or {}
  local out = { files = read.files, env = {} }
  for _, env in ipairs { read.env, applied.env or {} } do
    for name, value in pairs(env) do out.env[name] = value end
  end
  if applied.files then
    out.files = {}
    for _, file in ipairs(applied.files) do out.files[file.path] = file.text end
  end
  return out
end

-- The recipe by which it runs, without values of variables and texts | nil, why
function record.recipe(vm)
  local kept = snapshot.of_directory(vm.plan.runtime)
  if not kept or not kept.outline then return nil, UNKNOWN end
  local runs, why = journal.outline(vm)
  if not runs then return nil, why end
  local out = { needs = vm.plan.needs }        -- those of its start: it is planned by them again
  for name, value in pairs(runs) do out[name] = out[name] or value end
  local set, read = {}, kept.recipe
  for name, value in pairs(read.set) do set[name] = tostring(value) end
  return shadow.of(out, inputs(vm, read.inputs), read.file, set)
end

-- What can be written down while the guest still runs: machine.json's table | nil, why
function record.begin(vm, saving)
  local about = { processor = host.hardware.processor() }
  for key, value in pairs(vm.plan.hardware or {}) do about[key] = value end
  local function ask(command, arguments) return vm.monitor:exec(command, arguments) end
  local found, why = hardware.ask(ask, about)
  if not found then return nil, why end
  found.accel = found.accel or "tcg"
  return { name = vm.name, generation = saving.id, forked = saving.what == "fork" or nil,
           arch = about.arch, kept = vm.plan.kept,
           hardware = found, recipe = saving.recipe, devices = devices(vm),
           mounts = mounts(saving.mounts), forwards = vm:forwards(),
           guest = { paused = saving.paused or false, ready = vm:is_now_ready(),
                     places = core.json.object(places.of(vm.monitor, vm.hotplug:record())) } }
end

-- Whether the folder of an intent is there: by its name it is whole.
function record.is_saved(saving)
  local found = records.object(saving.path .. "/machine.json")
  return found ~= nil and found.generation == saving.id
end

return record

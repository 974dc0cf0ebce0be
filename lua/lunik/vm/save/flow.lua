-- SPDX-License-Identifier: MIT
-- What a save and a fork of a running machine have in common: how each goes, most of their steps,
-- and how a machine is taken back that is not saved after all. What is about to happen is written
-- down, for whoever adopts the machine in the midst of it.
local contents = require "lunik.vm.save.contents"
local defer = require "lunik.async.defer"
local drafts = require "lunik.saved.draft"
local frozen = require "lunik.store.frozen"
local layers = require "lunik.vm.layers"
local migration = require "lunik.vm.migration"
local mounts = require "lunik.vm.save.mounts"
local possible = require "lunik.vm.save.possible"
local ram = require "lunik.process.ram"
local record = require "lunik.vm.save.record"
local steps = require "lunik.vm.steps"

local flow = {}

-- The images that are the user's own, which stay where they are.
local function own(vm)
  local list = {}
  for _, disk in ipairs(vm:images()) do
    if not disk.passing and not disk.readonly then list[#list + 1] = disk.path end
  end
  return list
end

-- Lets the guest run on as before: true | nil, why
local function resume(vm, saving)
  if not saving.stopped then return true end
  migration.cancel(vm)
  local ok, why = vm.monitor:exec "cont"
  if ok and saving.paused then ok, why = vm.monitor:exec "stop" end
  saving.stopped, saving.stood = not ok, vm.loop.now() - (saving.since or vm.loop.now())
  return ok, why and "cont: " .. why
end

-- Has the guest all again that was taken off: failures, as texts.
local function put_back(vm, saving)
  vm.streams:allow()
  return mounts.put_back(vm, saving.mounts)
end

-- Lets the machine run on as before: failures, as texts.
local function go_on(vm, saving)
  if vm.qemu.ended:is_set() then
    vm.streams:allow()
    return {}
  end
  local failures = {}
  local ok, why = resume(vm, saving)
  if not ok then failures[1] = why end
  local left = put_back(vm, saving)
  return table.move(left, 1, #left, #failures + 1, failures)
end

-- Writes down what is being done, or that nothing is: true | nil, why
function flow.intend(vm, saving)
  vm.context.saving = saving and record.intent(saving)
  return steps.begin(vm, nil)
end

local function pause(vm, saving)
  local ok, why = true, nil
  if not saving.paused then ok, why = vm.monitor:exec "stop" end
  saving.stopped, saving.since = ok and true, vm.loop.now()
  return ok, why
end

-- All memory that is private goes into one stream with the state, or to places of its own in it.
local function state(vm, saving)
  local kept, machine = next(saving.kept) ~= nil, saving.machine
  machine.guest.mapped = not kept and migration.is_mapped(vm, machine.hardware.type)
  return contents.state(vm, saving.draft, { kept = kept, mapped = machine.guest.mapped })
end


-- The steps that both have, by name: function(vm, saving) -> true | nil, why, code
flow.steps = { pause = pause, state = state, go_on = resume }

function flow.steps.mounts(vm, saving)
  return mounts.take_off(vm, saving.mounts, saving.force)
end

function flow.steps.streams(vm) return vm.streams:withdraw() end

function flow.steps.hardware(vm, saving)
  local ok, why, code = possible.is_free(vm)
  if ok then saving.machine, why = record.begin(vm, saving) end
  saving.kept = ram.of(vm.qemu:pid())
  return ok and saving.machine and true, why, code
end

-- What goes with the machine is in one image for each disk.
function flow.steps.layers(vm) return layers.flatten(vm, 1) end

function flow.steps.memory(vm, saving)
  local names, why = contents.memory(vm, saving.draft, saving.kept, saving.compress)
  saving.machine.guest.memory, saving.machine.saved = names, os.time()
  return names and true, why
end

function flow.steps.disks(vm, saving)
  local list, why = contents.disks(vm, saving.draft, saving.sums)
  saving.machine.disks = list
  return list and true, why
end

function flow.steps.freeze(vm, saving) return frozen.mark(own(vm), saving.path, saving.id) end

-- What cannot be mounted again is told.
function flow.steps.mount_again(vm, saving)
  for _, failure in ipairs(put_back(vm, saving)) do vm:tell("problem", "mount " .. failure) end
  return true
end

function flow.steps.record(vm, saving)
  return saving.draft:describe(saving.machine, function() vm.loop:pass() end)
end

function flow.steps.sync(_, saving) return saving.draft:sync_all() end
function flow.steps.name(_, saving) return saving.draft:publish() end

-- Nothing of it is left.
local function forget(vm, saving)
  saving.draft:close()
  frozen.release(own(vm), saving.path)
end

-- Has all of it taken back: failures, as texts.
local function take_back(vm, saving, how)
  local failures = go_on(vm, saving)
  local left = how.take_back and how.take_back(vm, saving) or {}
  return table.move(left, 1, #left, #failures + 1, failures)
end

local function failed(vm, saving, how, why, code)
  forget(vm, saving)
  local failures = take_back(vm, saving, how)
  if not vm.qemu.ended:is_set() then flow.intend(vm, nil) end
  if #failures > 0 then
    why = ("%s\nand taking it back: %s"):format(why, table.concat(failures, "; "))
  end
  return nil, why, code or "failed"
end

local function carry_out(vm, asked, how, list, recipe)
  local draft, why = drafts.new(asked.file)
  if not draft then return nil, why, "invalid" end
  local saving = { path = asked.file, mounts = list, recipe = recipe, paused = vm.paused,
                   id = record.new_id(), force = asked.force, sums = asked.sums,
                   compress = asked.compress,
                   draft = draft, what = how.what }
  -- the machine may end in the midst of it, and this with it
  local _ <close> = defer(function()
    if not draft.finished then forget(vm, saving) end
  end)
  local ok, code
  ok, why = flow.intend(vm, saving)
  if ok then ok, why, code = steps.go(vm, how.what, how.steps, saving) end
  if not ok then return failed(vm, saving, how, why, code) end
  how.finish(vm, asked.file)
  return { file = asked.file, stood_still = saving.stood }
end

local function run(vm, asked, how)
  local why, code = vm:hindered()
  if why then return nil, why, code end
  if vm.seen.saved or vm.ladder.asked > 0 then return nil, "the machine is stopping", "ended" end
  if vm.applying then return nil, "the recipe is just being applied", "busy" end
  vm.saving = true
  local _ <close> = defer(function() vm.saving = nil end)
  local list = mounts.of(vm)
  local recipe, unknown = record.recipe(vm)
  local fit
  fit, why, code = possible.check(vm, list, asked, unknown, how.what == "fork")
  if not fit then return nil, why, code end
  return carry_out(vm, asked, how, list, recipe)
end

-- Goes all of it: { file, stood_still = seconds for which the guest did, where it runs on }
-- | nil, why, code. asked: file, an absolute path; force; sums; compress. how: { what, as it is
-- called; steps; finish(vm, path); take_back(vm, saving) -> failures }. It is carried to its end
-- whatever becomes of whoever asked for it.
function flow.run(vm, asked, how)
  if asked.file:sub(1, 1) ~= "/" then
    return nil, "file: an absolute path expected", "invalid"
  end
  local ran, value, why, code = vm.loop:spawn(how.what, run, vm, asked, how):join()
  if not ran then error(value, 0) end
  return value, why, code
end

-- Takes back what a supervisor was doing that has died, by what it wrote down.
function flow.undo(vm, saving, how)
  local status = vm.monitor:exec "query-status" or {}
  saving.stopped = not status.running
  for _, mount in ipairs(saving.mounts) do mount.off = not vm.hotplug:device(mount.id) end
  for _, failure in ipairs(take_back(vm, saving, how)) do vm:tell("problem", failure) end
  drafts.clean(saving.path)
  frozen.release(own(vm), saving.path)
  flow.intend(vm, nil)
end

return flow

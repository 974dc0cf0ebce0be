-- SPDX-License-Identifier: MIT
-- Saves a running machine into a folder, and ends it: whole or not at all. Whatever fails before
-- the folder is at its place, the machine runs on, with its mounts. What is about to happen is
-- written down, for whoever adopts the machine in the midst of it.
local contents = require "lunik.vm.save.contents"
local defer = require "lunik.async.defer"
local drafts = require "lunik.saved.draft"
local folder = require "lunik.saved.folder"
local frozen = require "lunik.store.frozen"
local life = require "lunik.hotplug.life"
local migration = require "lunik.vm.migration"
local mounts = require "lunik.vm.save.mounts"
local ram = require "lunik.process.ram"
local record = require "lunik.vm.save.record"
local steps = require "lunik.vm.steps"

local save = {}

local HOOKS = 10           -- seconds for those of `saved`

-- The images that are the user's own, which stay where they are.
local function own(vm)
  local list = {}
  for _, disk in ipairs(vm:images()) do
    if not disk.passing and not disk.readonly then list[#list + 1] = disk.path end
  end
  return list
end

-- Why a machine cannot be saved as it is now: a list. `unknown`: its recipe is, and why | nil
local function unsaved(vm, unknown)
  local list = { unknown }
  for _, disk in ipairs(vm:images()) do
    if disk.top then
      list[#list + 1] = ("disk %s: what is written to it goes with the machine: it was restored "
        .. "by --again"):format(disk.id)
    end
  end
  for _, device in ipairs(vm.hotplug.devices) do
    local busy = life.busy(device)
    if not device.share and not life.is_dead(device) then
      if busy or device.state ~= "plugged" then
        list[#list + 1] = ("%s: is just being %s"):format(device.label, busy or "unplugged")
      elseif device.hot and not device.asked then
        list[#list + 1] = ("%s: it was plugged by a lunik that did not keep how"):format(
          device.label)
      end
    end
  end
  return list
end

-- What keeps the state from being written, but for mounts whose daemons are about to go.
local function blocked(vm, served)
  local list = {}
  for _, why in ipairs(migration.blocked(vm)) do
    if not (served and why:find("vhost-user-fs", 1, true)) then
      list[#list + 1] = (why:gsub("%.$", ""))
    end
  end
  return list
end

-- Every reason at once: true | nil, why, code
local function can_be(vm, list, asked, unknown)
  local served = false
  for _, mount in ipairs(list) do served = served or mount.served end
  local lines = unsaved(vm, unknown)
  table.move(blocked(vm, served), 1, 64, #lines + 1, lines)
  local code = lines[1] and "unsupported"
  local silent = #list > 0 and not asked.force and vm:why_silent()
  local why, word
  if silent then
    why, word = ("the mounts cannot be taken off: %s"):format(silent), "unreachable"
  elseif #list > 0 then
    why, word = mounts.refusal(vm, list, asked.force)
  end
  if why then lines[#lines + 1], code = why, code or word end
  if #lines == 0 then return true end
  return nil, table.concat(lines, "\n"), code
end

-- Lets the machine run on as before: failures, as texts.
local function go_on(vm, saving)
  local failures = {}
  vm.streams:allow()
  if vm.qemu.ended:is_set() then return failures end
  if saving.stopped then
    migration.cancel(vm)
    local ok, why = vm.monitor:exec "cont"
    if ok and saving.paused then ok, why = vm.monitor:exec "stop" end
    if not ok then failures[1] = "cont: " .. why end
  end
  local left = mounts.put_back(vm, saving.mounts)
  return table.move(left, 1, #left, #failures + 1, failures)
end

-- Writes down what is being done, or that nothing is: true | nil, why
local function intend(vm, saving)
  vm.context.saving = saving and record.intent(saving)
  return steps.begin(vm, nil)
end

local function is_free(vm)
  local left = blocked(vm)
  if left[1] then return nil, table.concat(left, "\n"), "unsupported" end
  return true
end

local function pause(vm, saving)
  local ok, why = true, nil
  if not saving.paused then ok, why = vm.monitor:exec "stop" end
  saving.stopped = ok and true
  return ok, why
end

-- All memory that is private goes into one stream with the state, or to places of its own in it.
local function state(vm, saving)
  local kept, machine = next(saving.kept) ~= nil, saving.machine
  machine.guest.mapped = not kept and migration.is_mapped(vm, machine.hardware.type)
  return contents.state(vm, saving.draft, { kept = kept, mapped = machine.guest.mapped })
end

local function freeze(vm, saving) return frozen.mark(own(vm), saving.path, saving.id) end

-- What is done until the folder is at its place, in this order: { name, function(vm, saving) }.
-- Whatever fails or dies before the last has ended, the machine is not saved.
save.steps = {
  { "mounts", function(vm, saving) return mounts.take_off(vm, saving.mounts, saving.force) end },
  { "streams", function(vm) return vm.streams:withdraw() end },
  { "hardware", function(vm, saving)
    local ok, why, code = is_free(vm)
    if ok then saving.machine, why = record.begin(vm, saving) end
    saving.kept = ram.of(vm.qemu:pid())
    return ok and saving.machine and true, why, code
  end },
  { "pause", pause },
  { "state", state },
  { "memory", function(vm, saving)
    local names, why = contents.memory(vm, saving.draft, saving.kept)
    saving.machine.guest.memory = names
    return names and true, why
  end },
  { "disks", function(vm, saving)
    local list, why = contents.disks(vm, saving.draft, saving.sums)
    saving.machine.disks, saving.machine.saved = list, os.time()
    return list and true, why
  end },
  { "freeze", freeze },
  { "record", function(_, saving) return saving.draft:describe(saving.machine) end },
  { "sync", function(_, saving) return saving.draft:sync_all() end },
  { "name", function(_, saving) return saving.draft:publish() end },
}

local function fire(vm, path)
  local hooks = vm.loop:spawn("saved hooks", function()
    vm.dispatch:fire("saved", vm.handle, path)
  end)
  hooks:join(HOOKS)
  hooks:cancel()
  return true
end

local function quit(vm)
  vm.loop:spawn("quit", function()
    vm.loop:pass()
    if not vm.monitor:exec "quit" and not vm.qemu.ended:is_set() then vm.qemu:signal(9) end
  end)
  return true
end

-- And what is done once it is: the machine is saved, and ends.
save.last_steps = { { "hooks", fire }, { "quit", quit } }

local function finish(vm, path)
  vm.seen.saved = path
  vm:tell("saved", "saved in " .. path)
  for _, step in ipairs(save.last_steps) do
    -- there is no way back
    local ok, why = steps.begin(vm, "save: " .. step[1])
    if not ok then vm:tell("problem", "not recorded: " .. why) end
    step[2](vm, path)
  end
end

-- Nothing of it is left.
local function forget(vm, saving)
  saving.draft:close()
  frozen.release(own(vm), saving.path)
end

local function failed(vm, saving, why, code)
  forget(vm, saving)
  local failures = go_on(vm, saving)
  if not vm.qemu.ended:is_set() then intend(vm, nil) end
  if #failures > 0 then
    why = ("%s\nand taking it back: %s"):format(why, table.concat(failures, "; "))
  end
  return nil, why, code or "failed"
end

local function carry_out(vm, asked, list, recipe)
  local draft, why = drafts.new(asked.file)
  if not draft then return nil, why, "invalid" end
  local saving = { path = asked.file, mounts = list, recipe = recipe, paused = vm.paused,
                   id = record.new_id(), force = asked.force, sums = asked.sums,
                   draft = draft }
  -- the machine may end in the midst of it, and this with it
  local _ <close> = defer(function()
    if not draft.finished then forget(vm, saving) end
  end)
  local ok, code
  ok, why = intend(vm, saving)
  if ok then ok, why, code = steps.go(vm, "save", save.steps, saving) end
  if not ok then return failed(vm, saving, why, code) end
  finish(vm, asked.file)
  return { file = asked.file }
end

local function run(vm, asked)
  local why, code = vm:hindered()
  if why then return nil, why, code end
  if vm.seen.saved or vm.ladder.asked > 0 then return nil, "the machine is stopping", "ended" end
  if vm.applying then return nil, "the recipe is just being applied", "busy" end
  vm.saving = true
  local _ <close> = defer(function() vm.saving = nil end)
  local list = mounts.of(vm)
  local recipe, unknown = record.recipe(vm)
  local fit
  fit, why, code = can_be(vm, list, asked, unknown)
  if not fit then return nil, why, code end
  return carry_out(vm, asked, list, recipe)
end

-- Where a machine is saved of which nobody has said where; one that went on from there makes room.
local function own_place(vm)
  local path = vm.plan.state .. "/saved"
  local opened = folder.open(path)
  if opened and opened.used then opened:remove() end
  return path
end

-- Saves the machine: { file } | nil, why, code. asked: file, an absolute path; force; sums, of its
-- disks and what they stand on. It is carried to its end whatever becomes of whoever asked for it.
function save.run(vm, asked)
  local file = asked.file or own_place(vm)
  if file:sub(1, 1) ~= "/" then return nil, "file: an absolute path expected", "invalid" end
  local ran, value, why, code = vm.loop:spawn("save", run, vm,
    { file = file, force = asked.force, sums = asked.sums }):join()
  if not ran then error(value, 0) end
  return value, why, code
end

-- Comes to an end with a save whose supervisor has died, by what it wrote down: the machine ends
-- where the folder is whole, and runs on where it is not.
function save.settle(vm, saving, doing)
  if record.is_saved(saving) then return finish(vm, saving.path) end
  local status = vm.monitor:exec "query-status" or {}
  saving.stopped = not status.running
  for _, mount in ipairs(saving.mounts) do mount.off = not vm.hotplug:device(mount.id) end
  for _, failure in ipairs(go_on(vm, saving)) do vm:tell("problem", failure) end
  drafts.clean(saving.path)
  frozen.release(own(vm), saving.path)
  intend(vm, nil)
  vm:tell("problem", ("it was being saved when its supervisor ended%s: it runs on, and is "
    .. "not saved"):format(doing and (" (%s)"):format(doing) or ""))
end

return save

-- SPDX-License-Identifier: MIT
-- Saves a running machine into a folder, and ends it: whole or not at all. Whatever fails before
-- the folder is at its place, the machine runs on, with its mounts.
local flow = require "lunik.vm.save.flow"
local folder = require "lunik.saved.folder"
local record = require "lunik.vm.save.record"
local steps = require "lunik.vm.steps"

local save = {}

local HOOKS = 10           -- seconds for those of `saved`

-- What is done until the folder is at its place, in this order: { name, function(vm, saving) }.
-- Whatever fails or dies before the last has ended, the machine is not saved.
save.steps = {}
for i, name in ipairs { "mounts", "streams", "hardware", "layers", "pause", "state", "memory",
                        "disks", "freeze", "record", "sync", "name" } do
  save.steps[i] = { name, flow.steps[name] }
end

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

-- Where a machine is saved of which nobody has said where; one that went on from there makes room.
local function own_place(vm)
  local path = vm.plan.state .. "/saved"
  local opened = folder.open(path)
  if opened and opened.used then opened:remove() end
  return path
end

-- Saves the machine: { file } | nil, why, code. asked: file, an absolute path; force; sums, of its
-- disks and what they stand on; compress, its memory
function save.run(vm, asked)
  return flow.run(vm, { file = asked.file or own_place(vm), force = asked.force,
                        sums = asked.sums, compress = asked.compress },
                  { what = "save", steps = save.steps, finish = finish })
end

-- Comes to an end with a save whose supervisor has died, by what it wrote down: the machine ends
-- where the folder is whole, and runs on where it is not.
function save.settle(vm, saving, doing)
  if record.is_saved(saving) then return finish(vm, saving.path) end
  flow.undo(vm, saving, {})
  vm:tell("problem", ("it was being saved when its supervisor ended%s: it runs on, and is "
    .. "not saved"):format(doing and (" (%s)"):format(doing) or ""))
end

return save

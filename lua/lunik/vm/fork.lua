-- SPDX-License-Identifier: MIT
-- Saves a running machine into a folder that clones start from, and lets it run on: from then on
-- its guest writes to new images above its disks, which stay what they were. Whatever fails before
-- the folder is at its place, the machine runs on as it was.
local contents = require "lunik.vm.save.contents"
local flow = require "lunik.vm.save.flow"
local layers = require "lunik.vm.layers"
local record = require "lunik.vm.save.record"

local fork = {}

local shared = flow.steps

-- The images that it is to go on in, and what an adopter has to know of them.
local function images(vm, saving)
  local list, why = layers.draw(vm)
  if not list then return nil, why end
  saving.images, saving.layers = list, {}
  for _, one in ipairs(list) do saving.layers[one.disk.id] = one.number end
  vm.context.saving = record.intent(saving)
  local ok
  ok, why = vm:record()
  if ok then ok, why = layers.make(vm, list) end
  return ok, why
end

local function disks(vm, saving)
  local list, why = contents.frozen(vm, saving.draft)
  saving.machine.disks = list
  return list and true, why
end

local function freeze(vm, saving)
  return layers.freeze(vm, saving.images, saving.path, saving.id)
end

-- What is done until clones can start, in this order: { name, function(vm, saving) }. The guest
-- stands still from `pause` until `go on`. Whatever fails or dies before the last has ended, there
-- is no folder, and the machine is what it was.
fork.steps = {
  { "mounts", shared.mounts }, { "streams", shared.streams }, { "hardware", shared.hardware },
  { "flat", function(vm) return layers.flatten(vm) end }, { "images", images },
  { "pause", shared.pause }, { "state", shared.state }, { "memory", shared.memory },
  { "freeze", freeze },
  { "layers", function(vm, saving) return layers.put(vm, saving.images) end },
  { "go on", shared.go_on }, { "mounts again", shared.mount_again }, { "disks", disks },
  { "record", shared.record }, { "name", shared.name },
}

local function finish(vm, path)
  flow.intend(vm, nil)
  vm:tell("forked", "clones can start from " .. path)
end

local function take_back(vm, saving)
  return layers.take_off(vm, saving.layers or {}, saving.path)
end

local FLOW = { what = "fork", steps = fork.steps, finish = finish, take_back = take_back }

-- Where clones start from of which nobody has said where.
local function own_place(vm)
  return ("%s/forked-%s"):format(vm.plan.state, record.new_id():sub(1, 12))
end

-- Makes the folder: { file, stood_still } | nil, why, code. asked: file, an absolute path; force
function fork.keep(vm, asked)
  return flow.run(vm, { file = asked.file or own_place(vm), force = asked.force }, FLOW)
end

-- What is asked of clones: one of these, and there are some.
local OF_CLONES = { "n", "as", "forward", "mounts", "memory", "host_keys", "unsafe" }

local function wants_clones(asked)
  for _, name in ipairs(OF_CLONES) do
    if asked[name] ~= nil then return true end
  end
end

-- The same, and clones where they are asked for: { file, stood_still, clones } | nil, why, code. It
-- is carried to its end whatever becomes of whoever asked for it.
function fork.run(vm, asked)
  if not wants_clones(asked) then return fork.keep(vm, asked) end
  local clones, file = vm.context.clones, asked.file
  if not clones then
    return nil, "clones are started by a supervisor: lunik up starts machines that have one",
           "unsupported"
  end
  if file and file:sub(1, 1) ~= "/" then
    return nil, "file: an absolute path expected", "invalid"
  end
  local ran, value, why, code = vm.loop:spawn("clones", clones, vm, asked):join()
  if not ran then error(value, 0) end
  return value, why, code
end

-- Comes to an end with a fork whose supervisor has died: the machine runs on, above what is in the
-- folder where that is whole, or as it was.
function fork.settle(vm, saving, doing)
  if record.is_saved(saving) then return flow.intend(vm, nil) end
  flow.undo(vm, saving, FLOW)
  vm:tell("problem", ("it was being forked when its supervisor ended%s: it runs on, and there are "
    .. "no clones"):format(doing and (" (%s)"):format(doing) or ""))
end

return fork

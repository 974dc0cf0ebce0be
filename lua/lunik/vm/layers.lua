-- SPDX-License-Identifier: MIT
-- The images of a disk that lie one above the other since clones stand on what was written before:
-- the guest writes to the one on top, and nobody to those below. QEMU's own graph says which there
-- are, by the names of its nodes, so that whoever adopts the machine knows them, too: that of the
-- disk itself is its id, those above are ID.f1, ID.f2 and so on.
local core = require "lunik.core"
local files = require "lunik.process.files"
local frozen = require "lunik.store.frozen"
local host = require "lunik.host"
local jobs = require "lunik.vm.jobs"
local overdue = require "lunik.vm.overdue"
local remove = require "lunik.process.remove"
local undo = require "lunik.process.undo"

local layers = {}

local LONGEST = 8          -- layers of a disk: each is one more to look into where the guest reads,
                           -- and keeps what has been written over since

local function path_of(vm, disk, number)
  -- what is written to a disk that does not go with the machine is kept until it is put into it
  return ("%s/%s.%s-%d.qcow2"):format(vm.plan.state, disk.id,
    disk.passing and "forked" or "written", number)
end

local function node_of(disk, number) return ("%s.f%d"):format(disk.id, number) end

local function nodes(vm)
  local found = {}
  for _, node in ipairs(vm.monitor:exec("query-named-block-nodes", { flat = true }) or {}) do
    found[node["node-name"]] = node
  end
  return found
end

-- The number in the name of a layer's node | nil
local function number_of(vm, disk, name)
  local stem, number = name:match "^(.*)%.f(%d+)$"
  if stem ~= disk.id then return nil end
  for _, other in ipairs(vm:images()) do
    if other.id == name then return nil end
  end
  return math.tointeger(tonumber(number))
end

-- The layers of a disk, the one on top first: a list of { node, path, format, size, cache, number,
-- base = what it stands on, below = others are above it }; that of the disk itself has the number
-- 0. `there`: QEMU's nodes
function layers.of(vm, disk, there)
  local list = {}
  for name, node in pairs(there or nodes(vm)) do
    local number = name == disk.id and 0 or number_of(vm, disk, name)
    if number then
      local image = node.image or {}
      local is_own = number == 0
      list[#list + 1] = { node = name, number = number, size = image["virtual-size"],
        cache = node.cache, base = image["full-backing-filename"],
        format = is_own and disk.format or "qcow2",
        path = is_own and disk.path or path_of(vm, disk, number) }
    end
  end
  table.sort(list, function(one, other) return one.number > other.number end)
  for i = 2, #list do list[i].below = true end
  return list
end

-- The disks that the guest writes to.
function layers.disks(vm)
  local list = {}
  for _, disk in ipairs(vm:images()) do
    if not disk.readonly then list[#list + 1] = disk end
  end
  return list
end

-- Has a file that goes with the machine be removed at its end, by whoever has it then.
local function note_file(vm, disk, path)
  table.insert(vm.plan.files, { kind = "overlay", path = path, keep = not disk.passing })
end

-- Puts what lies above a disk into it, once QEMU has ended; while somebody stands on it, that is
-- told, and left to the next start.
local function at_end(vm, disk)
  local over = frozen.over(disk.path, host)
  if over then return overdue.create(vm.context, { path = over, base = disk.path }) end
  local by = frozen.by(disk.path)
  if by then
    vm:tell("problem", ("disk %s: what was written to it since it was forked is kept apart, until "
      .. "nobody stands on it any more: %s"):format(disk.id, by))
  end
  return true
end

-- Has that be done at the machine's end. started: what takes back what was done for it
local function note_end(vm, disk, started)
  if disk.passing or disk.is_layered then return end
  disk.is_layered = true
  started:push("put together disk " .. disk.id, function() return at_end(vm, disk) end)
end

-- What QEMU is to have on top of a disk.
local function drawn(vm, disk, there)
  local below = layers.of(vm, disk, there)[1]
  if not below then return nil, ("disk %s: QEMU has no node of that name"):format(disk.id) end
  local number = below.number + 1
  return { disk = disk, below = below, number = number, node = node_of(disk, number),
           path = path_of(vm, disk, number) }
end

-- What each disk is to have on top: a list for `make` | nil, why
function layers.draw(vm)
  local list, there = {}, nodes(vm)
  for i, disk in ipairs(layers.disks(vm)) do
    local why
    list[i], why = drawn(vm, disk, there)
    if not list[i] then return nil, why end
  end
  return list
end

-- Makes empty images, while the guest still writes to what will lie below: true | nil, why. They
-- go with the machine.
function layers.make(vm, list)
  local ctx = setmetatable({ started = undo.new() }, { __index = vm.context })
  for _, one in ipairs(list) do
    note_file(vm, one.disk, one.path)
    local ok, why = files.create(ctx, { kind = "overlay", path = one.path, keep = false,
      in_use = true, base = one.below.path, base_format = one.below.format,
      size = one.below.size })
    if not ok then return nil, why end
  end
  return true
end

-- What takes a plugged device back knows of the node that is on top of it now.
local function note_node(vm, one)
  for _, device in ipairs(vm.hotplug.devices) do
    local last = device.id == one.disk.id and device.remove[#device.remove]
    if last and last.execute == "device_del" then
      table.insert(device.remove, #device.remove, { execute = "blockdev-del",
        arguments = { ["node-name"] = one.node } })
    end
  end
end

-- Notes beside the disks that do not go with the machine that what is saved in a folder is to stand
-- on them, and where their writes go from now on: true | nil, why
function layers.freeze(vm, list, dir, id)
  for _, one in ipairs(list) do
    local ok, why = true, nil
    if not one.disk.passing then ok, why = frozen.stand(one.disk.path, dir, id, one.path) end
    if not ok then return nil, ("disk %s: %s"):format(one.disk.id, why) end
    note_end(vm, one.disk, vm.undo)
  end
  return true
end

-- A node that is read and written as the one below is.
local function node_like(one)
  local told = one.below.cache or {}
  local cache = { direct = told.direct or false, ["no-flush"] = told["no-flush"] or false }
  return { ["node-name"] = one.node, driver = "qcow2", backing = core.json.null, cache = cache,
           discard = "unmap",
           file = { driver = "file", filename = one.path, cache = cache, discard = "unmap" } }
end

-- Has a paused machine go on in the images that were made: true | nil, why
function layers.put(vm, list)
  for _, one in ipairs(list) do
    local ok, why = vm.monitor:exec("blockdev-add", node_like(one))
    if ok then
      ok, why = vm.monitor:exec("blockdev-snapshot", { node = one.below.node, overlay = one.node })
    end
    if not ok then return nil, ("disk %s: %s"):format(one.disk.id, why) end
    note_node(vm, one)
  end
  return true
end

-- Takes one away that nobody stands on, with what the guest has written to it since: true
-- | nil, why. `there`: QEMU's nodes; dir: what was to stand on what is below
local function take_off(vm, disk, number, there, dir)
  local node, path = node_of(disk, number), path_of(vm, disk, number)
  local list = layers.of(vm, disk, there)
  -- where QEMU has ended, what was written is put into the disk as at any end
  if vm.qemu.ended:is_set() and frozen.noted(disk.path) == path then return true end
  local ok, why = true, nil
  if list[1] and list[1].number == number and list[2] then
    ok, why = jobs.run(vm, "lunik-layer-" .. disk.id, "block-commit",
                       { device = node, ["base-node"] = list[2].node })
  end
  if ok and there[node] then
    ok, why = vm.monitor:exec("blockdev-del", { ["node-name"] = node })
  end
  local below = number > 1 and path_of(vm, disk, number - 1)
  if ok and frozen.noted(disk.path) == path then
    ok, why = frozen.stand_off(disk.path, dir, below and host.kind(below) and below)
  end
  if ok then ok, why = remove(path) end
  return ok, why
end

-- Takes the topmost layers of a running machine away again: failures, as texts. numbers: of each
-- that a fork was to have, by the disk's id; dir: its folder
function layers.take_off(vm, numbers, dir)
  local failures, there = {}, nodes(vm)
  for _, disk in ipairs(layers.disks(vm)) do
    local number = numbers[disk.id]
    local ok, why = true, nil
    if number then ok, why = take_off(vm, disk, number, there, dir) end
    if not ok then failures[#failures + 1] = ("disk %s: %s"):format(disk.id, why) end
  end
  return failures
end

-- Removes layers that nobody reads any more. The file of the disk itself stays.
local function drop(vm, list)
  for _, one in ipairs(list) do
    local ok, why = vm.monitor:exec("blockdev-del", { ["node-name"] = one.node })
    if ok and one.number > 0 then ok, why = remove(one.path) end
    if not ok then return nil, why end
  end
  return true
end

-- Has all that is in the layers of a disk that goes with the machine be in the one on top.
local function flatten(vm, disk, list)
  local ok, why = jobs.run(vm, "lunik-stream-" .. disk.id, "block-stream",
                           { device = list[1].node, base = disk.base })
  if ok then ok, why = drop(vm, { table.unpack(list, 2) }) end
  if ok and list[#list].node == disk.id and #list > 1 then
    ok, why = vm.monitor:exec("blockdev-del", { ["node-name"] = disk.id .. "-file" })
  end
  return ok, why
end

-- The same of one that does not, whose own file others stand on.
local function shorten(vm, disk, list)
  local ok, why = jobs.run(vm, "lunik-stream-" .. disk.id, "block-stream",
                           { device = list[1].node, ["base-node"] = disk.id })
  if ok then ok, why = drop(vm, { table.unpack(list, 2, #list - 1) }) end
  return ok, why
end

-- Has all that is in the layers of a disk be in the disk itself, where nobody else stands on it.
local function lay_down(vm, disk, list)
  local ok, why = jobs.run(vm, "lunik-down-" .. disk.id, "block-commit",
                           { device = list[1].node, ["base-node"] = disk.id })
  if ok then ok, why = frozen.thaw(disk.path) end
  if ok then ok, why = drop(vm, { table.unpack(list, 1, #list - 1) }) end
  return ok, why
end

local function bring_down(vm, disk, most)
  local list = layers.of(vm, disk)
  if not list[1] then return true end
  if disk.passing then
    local is_own = list[#list].base == disk.base
    return is_own and #list <= most or flatten(vm, disk, list)
  end
  local by = #list > 1 and frozen.by(disk.path)
  if #list > 1 and not by then return lay_down(vm, disk, list) end
  if by and most == 1 then return nil, ("what is in %s stands on it"):format(by) end
  return #list <= most or shorten(vm, disk, list)
end

-- Has no disk be of more than `most` layers (default: LONGEST), nor stand on what is another
-- machine's, while the machine runs: true | nil, why
function layers.flatten(vm, most)
  for _, disk in ipairs(layers.disks(vm)) do
    local ok, why = bring_down(vm, disk, most or LONGEST)
    if not ok then return nil, ("disk %s: %s"):format(disk.id, why) end
  end
  return true
end

-- In a machine that is taken over, the files that go with it.
function layers.settle(vm)
  local there = nodes(vm)
  for _, disk in ipairs(layers.disks(vm)) do
    for _, one in ipairs(layers.of(vm, disk, there)) do
      if one.number > 0 then
        note_file(vm, disk, one.path)
        note_end(vm, disk, vm.context.started)
      end
    end
  end
end

return layers

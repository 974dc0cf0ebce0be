-- SPDX-License-Identifier: MIT
-- What a saved machine is made of, as files of its draft (lunik.saved.draft): QEMU's state, the
-- memory that is kept apart, the disks that go with the machine.
local chain = require "lunik.device.disk.chain"
local fcntl = require "posix.fcntl"
local file = require "lunik.system.file"
local host = require "lunik.host"
local layers = require "lunik.vm.layers"
local migration = require "lunik.vm.migration"
local now = require "lunik.saved.now"
local summed = require "lunik.saved.sums"
local unistd = require "posix.unistd"

local contents = {}

local MAIN = "mem"         -- the memory that a machine begins with

local function copy(vm, draft, name, path)
  local from, why = file.open(path, fcntl.O_RDONLY)
  if not from then return nil, why end
  local ok
  ok, why = draft:copy(name, from, function() vm.loop:pass() end)
  unistd.close(from)
  return ok, why
end

-- Writes the state of a paused machine, which is summed up later: true | nil, why. how: as
-- lunik.vm.migration has it
function contents.state(vm, draft, how)
  local fd, why = draft:create "state"
  if not fd then return nil, why end
  local ok
  ok, why = migration.save(vm, fd, how)
  unistd.close(fd)
  return ok, why
end

-- The memory that is kept, where it lies by id: the names of its files, by id | nil, why. It is
-- gone with QEMU. `compress`: it takes less room, and longer.
function contents.memory(vm, draft, kept, compress)
  local names = {}
  for id, path in pairs(kept) do
    names[id] = id == MAIN and "memory" or "memory-" .. id
    local ok, why
    if compress then
      ok, why = draft:pack(names[id], path, vm.loop, function() vm.loop:pass() end)
    else
      ok, why = copy(vm, draft, names[id], path)
    end
    if not ok then return nil, why end
  end
  return names
end

-- One image as it is: what is known of its file | nil, why. A device has no sum.
local function layer(vm, path, form, sums)
  local found = now.stamp(path)
  if not found then return nil, path .. ": is missing" end
  found.file, found.format = path, form
  local why
  if sums and found.size then
    found.sum, why = summed.at(path, function() vm.loop:pass() end)
  end
  return not why and found or nil, why
end

-- The images of a disk, the one on top first | nil, why
local function layers_of(vm, draft, disk, sums)
  local list, ok, why = {}
  if disk.passing then
    local name, top = "disks/" .. disk.id, layers.of(vm, disk)[1]
    ok, why = copy(vm, draft, name, top and top.path or disk.path)
    list[1] = { file = disk.path, format = disk.format, inside = name }
  else
    list[1], why = layer(vm, disk.path, disk.format, sums)
    ok = list[1]
  end
  for _, path in ipairs(ok and chain.files(disk.path, disk.format, host) or {}) do
    list[#list + 1], why = layer(vm, path, nil, sums)
    if why then return nil, why end
  end
  return ok and list, why
end

-- The disks, once QEMU has let go of them: a list of { id, layers, node } | nil, why. `sums`: the
-- files that stay where they are are summed up, too.
function contents.disks(vm, draft, sums)
  local list = {}
  for i, disk in ipairs(vm:images()) do
    local found, why = layers_of(vm, draft, disk, sums)
    if not found then return nil, ("disk %s: %s"):format(disk.id, why) end
    list[i] = { id = disk.id, node = disk.id, layers = found }
  end
  return list
end

-- The images of a disk that nobody writes to any more, as links of their files, or as copies where
-- they cannot be; each names the next one, which lies beside it | nil, why
local function frozen(vm, draft, disk)
  local list = {}
  for _, one in ipairs(layers.of(vm, disk)) do
    if one.below and one.number == 0 and not disk.passing then
      local found, why = layer(vm, disk.path, disk.format)
      if not found then return nil, why end
      list[#list + 1] = found
    elseif one.below then
      local name = "disks/" .. one.path:match "[^/]*$"
      local ok, why = draft:link(name, one.path)
      if ok == false then ok, why = copy(vm, draft, name, one.path) end
      if not ok then return nil, why end
      list[#list + 1] = { file = one.path, format = one.format, inside = name }
    end
  end
  for _, path in ipairs(chain.files(disk.path, disk.format, host)) do
    local found, why = layer(vm, path)
    if not found then return nil, why end
    list[#list + 1] = found
  end
  return list
end

-- The disks of a machine that has gone on above them: a list of { id, layers, node } | nil, why
function contents.frozen(vm, draft)
  local list = {}
  for i, disk in ipairs(vm:images()) do
    local found, why
    if disk.readonly then
      found, why = layers_of(vm, draft, disk)
    else
      found, why = frozen(vm, draft, disk)
    end
    if not found then return nil, ("disk %s: %s"):format(disk.id, why) end
    list[i] = { id = disk.id, node = disk.id, layers = found }
  end
  return list
end

return contents

-- SPDX-License-Identifier: MIT
-- A restored machine whose guest answers has gone on for good: what was saved counts as used, and
-- what has been written above its disks is put into them, while it runs. Whatever cannot be is done
-- at the next start (lunik.process.files), by the note beside the disk.
local defer = require "lunik.async.defer"
local durable = require "lunik.store.durable"
local frozen = require "lunik.store.frozen"
local folder = require "lunik.saved.folder"
local jobs = require "lunik.vm.jobs"
local steps = require "lunik.vm.steps"

local commit = {}

-- Whether the guest's disk is the one below, whose name it keeps: QEMU's own of the one on top
-- changes.
local function is_down(vm, disk)
  for _, one in ipairs(vm.monitor:exec "query-block" or {}) do
    if one.inserted and one.inserted["node-name"] == disk.id then return true end
  end
  return false
end

local function name_of(disk) return "lunik-commit-" .. disk.id end

local function job_of(vm, disk) return jobs.find(vm, name_of(disk)) end

-- Has QEMU begin, unless it has for an earlier supervisor.
local function begin(vm, disk)
  if not job_of(vm, disk) and is_down(vm, disk) then return true end
  -- by itself it would take what the disk stands on, however deep that lies
  return jobs.begin(vm, name_of(disk), "block-commit", { device = disk.top,
    ["base-node"] = disk.id })
end

-- Has the disk take the place of what is on top of it.
local function pivot(vm, disk)
  if not job_of(vm, disk) then return true end
  return jobs.complete(vm, name_of(disk))
end

local function dismiss(vm, disk)
  local job = job_of(vm, disk)
  if job then vm.monitor:exec("job-dismiss", { id = job.id }) end
  if is_down(vm, disk) then return true end
  return nil, job and job.error or "the job is gone"
end

local function drop(vm, disk)
  local there = {}
  for _, node in ipairs(vm.monitor:exec("query-named-block-nodes", { flat = true }) or {}) do
    there[node["node-name"]] = true
  end
  for _, node in ipairs { disk.top, disk.top .. "f" } do
    local ok, why = true, nil
    if there[node] then ok, why = vm.monitor:exec("blockdev-del", { ["node-name"] = node }) end
    if not ok then return nil, "blockdev-del: " .. why end
  end
  return true
end

-- The disk is whole, and nothing else is left of it.
local function thaw(vm, disk)
  local ok, why = frozen.thaw(disk.path)
  if ok then ok, why = durable.remove(disk.over) end
  if not ok then return nil, why end
  disk.top, disk.over = nil, nil
  return vm:record()
end

-- What is done for each disk: { name, function(vm, disk) }. Whoever adopts the machine in the midst
-- of it begins anew, so each sees what is done already.
commit.disk_steps = { { "job", begin }, { "pivot", pivot }, { "dismiss", dismiss },
                      { "nodes", drop }, { "thaw", thaw } }

-- Whether the files above the disks stay when the machine ends.
local function keep(vm, disks, stays)
  local over = {}
  for _, disk in ipairs(disks) do over[disk.over] = true end
  local function each(files)
    for _, file in ipairs(files or {}) do
      if over[file.path] then file.keep = stays end
    end
  end
  each(vm.plan.files)
  for _, device in ipairs(vm.hotplug.devices) do
    if device.disk and over[device.disk.over] then
      device.temporary = not stays and { device.disk.over } or nil
    end
    each(device.files)
  end
end

local function note(_, one, disks)
  for _, disk in ipairs(disks) do
    local ok, why = frozen.is_under(disk.path, one, disk.over)
    if not ok then return nil, why end
  end
  return true
end

-- Whether nobody else has gone on from there meanwhile: true | nil, why
local function is_free(vm, one)
  local used = folder.mark_of(one.dir)
  if not used or used.into == vm.name then return true end
  return nil, ("%s was restored meanwhile%s"):format(one.dir, used.into and ", into " .. used.into
    or "")
end

local function mark(vm, one)
  local ok, opened, why
  ok, why = is_free(vm, one)
  if ok then opened, why = folder.open(one.dir) end
  if not opened then return nil, why end
  ok, why = opened:mark { at = os.time(), into = vm.name }
  -- one that is there and could not be synced counts, too
  return ok or folder.mark_of(one.dir) ~= nil or nil, why
end

-- What is done for all: { name, function(vm, one, disks) }. With the mark the saved machine has
-- gone on: until then it can be restored once more, and what is above its disks is thrown away.
commit.steps = {
  { "keep", function(vm, one, disks)
    local ok, why = is_free(vm, one)
    if not ok then return nil, why end
    keep(vm, disks, true)
    return vm:record()
  end },
  { "note", note },
  { "mark", mark },
}

-- The disks that something is above.
local function above(vm)
  local disks = {}
  for _, disk in ipairs(vm:images()) do
    if disk.top then disks[#disks + 1] = disk end
  end
  return disks
end

-- From here on it is the machine's own: true | nil, why
local function take(vm, one, disks)
  local taken = false
  local _ <close> = defer(function()
    if taken then return end
    keep(vm, disks, false)
    vm:record()
  end)
  local ok, why = steps.go(vm, "commit", commit.steps, one, disks)
  taken = ok
  return ok, why
end

-- A supervisor that takes a restored machine over knows it as it was started: what has been put
-- into its disks since, and whether what is above them stays. Before anything is written down.
function commit.settle(vm, one)
  local disks = above(vm)
  if #disks == 0 or one.again then return end
  local used = folder.mark_of(one.dir)
  if used and used.into == vm.name then keep(vm, disks, true) end
  for _, disk in ipairs(disks) do
    if is_down(vm, disk) and not job_of(vm, disk) and drop(vm, disk) then
      thaw(vm, disk)
    end
  end
end

-- Has a machine go on for good from what was saved: true | nil, what becomes of what it writes
function commit.run(vm, one)
  local disks = above(vm)
  local ok, why = take(vm, one, disks)
  if not ok then
    return nil, ("it has not gone on for good, and what it writes to its disks is thrown away at "
      .. "its end: %s"):format(why)
  end
  for _, disk in ipairs(disks) do
    ok, why = steps.go(vm, "commit", commit.disk_steps, disk)
    if not ok then
      return nil, ("disk %s: what it writes is kept apart, until the next lunik up: %s"):format(
        disk.id, why)
    end
  end
  return true
end

return commit

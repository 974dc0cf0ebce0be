-- SPDX-License-Identifier: MIT
-- A restored machine whose guest answers has gone on for good: what was saved counts as used, and
-- what has been written above its disks is put into them, while it runs. Whatever cannot be is done
-- at the next start (lunik.process.files), by the note beside the disk.
local durable = require "lunik.store.durable"
local frozen = require "lunik.store.frozen"
local folder = require "lunik.saved.folder"

local commit = {}

local PATIENCE = 3600      -- seconds for one disk

-- QEMU tells how a job goes. Must not wait.
function commit.hear(vm, data)
  vm.jobs[data.id or ""] = data.status
  vm.jobbed:fire()
end

-- Until a job is in one of these states: the state | nil, why
local function await(vm, id, states)
  local ends = vm.loop.now() + PATIENCE
  while not states[vm.jobs[id] or ""] do
    local _, why, code = vm.jobbed:wait(math.max(0, ends - vm.loop.now()))
    if code then return nil, why end
  end
  return vm.jobs[id]
end

local function outcome(vm, id)
  for _, job in ipairs(vm.monitor:exec "query-jobs" or {}) do
    if job.id == id then return job.error == nil, job.error end
  end
  return nil, "the job is gone"
end

-- Puts what is on top into the disk, which takes its place: true | nil, why
local function merge(vm, disk)
  local id = "lunik-commit-" .. disk.id
  local ok, why = vm.monitor:exec("block-commit", { ["job-id"] = id, device = disk.top,
    ["auto-dismiss"] = false })
  if ok then ok, why = await(vm, id, { ready = true, concluded = true }) end
  if ok == "ready" then
    ok, why = vm.monitor:exec("job-complete", { id = id })
    if ok then ok, why = await(vm, id, { concluded = true }) end
  end
  if ok then ok, why = outcome(vm, id) end
  vm.monitor:exec("job-dismiss", { id = id })
  return ok or nil, why
end

-- The disk is whole, and nothing else is left of it.
local function settle(vm, disk)
  for _, node in ipairs { disk.top, disk.top .. "f" } do
    local ok, why = vm.monitor:exec("blockdev-del", { ["node-name"] = node })
    if not ok then return nil, "blockdev-del: " .. why end
  end
  local ok, why = frozen.thaw(disk.path)
  if ok then ok, why = durable.remove(disk.over) end
  if ok then disk.top, disk.over = nil, nil end
  return ok, why
end

-- The files above the disks go with the machine no more.
local function keep(vm, over)
  for _, file in ipairs(vm.plan.files) do
    if over[file.path] then file.keep = true end
  end
  for _, device in ipairs(vm.hotplug.devices) do
    if device.disk and device.disk.over then device.temporary = nil end
    for _, file in ipairs(device.files or {}) do
      if over[file.path] then file.keep = true end
    end
  end
  return vm:record()
end

-- From here on it is the machine's own: true | nil, why
local function take(vm, one, disks)
  local over = {}
  for _, disk in ipairs(disks) do over[disk.over] = true end
  local ok, why = keep(vm, over)
  for _, disk in ipairs(disks) do
    if ok then ok, why = frozen.is_under(disk.path, one, disk.over) end
  end
  local opened
  if ok then opened, why = folder.open(one.dir) end
  if not opened then return nil, why end
  return opened:mark { at = os.time(), into = vm.name }
end

-- Has a machine go on for good from what was saved: true | nil, why
function commit.run(vm, one)
  local disks = {}
  for _, disk in ipairs(vm:images()) do
    if disk.top then disks[#disks + 1] = disk end
  end
  local ok, why = take(vm, one, disks)
  if not ok then return nil, why end
  for _, disk in ipairs(disks) do
    ok, why = merge(vm, disk)
    if ok then ok, why = settle(vm, disk) end
    if not ok then return nil, ("disk %s: %s"):format(disk.id, why) end
  end
  vm:record()
  return true
end

return commit

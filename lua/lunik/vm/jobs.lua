-- SPDX-License-Identifier: MIT
-- Jobs that QEMU does beside the machine, such as putting one image into another. Each is known by
-- a name of ours, and stays listed until it is dismissed, so that an adopter finds it.
local jobs = {}

local PATIENCE = 3600      -- seconds for one

-- QEMU tells how a job goes. Must not wait.
function jobs.hear(vm, data)
  vm.jobs[data.id or ""] = data.status
  vm.jobbed:fire()
end

-- What QEMU says of a job | nil where it has none of that name
function jobs.find(vm, id)
  for _, job in ipairs(vm.monitor:exec "query-jobs" or {}) do
    if job.id == id then return job end
  end
end

-- Until a job is in one of these states: the state | nil, why
function jobs.await(vm, id, states)
  local ends = vm.loop.now() + PATIENCE
  while not states[vm.jobs[id] or ""] do
    if vm.qemu.ended:is_set() then return nil, "QEMU has ended" end
    local _, why, code = vm.jobbed:wait(math.max(0, ends - vm.loop.now()))
    if code then return nil, why end
  end
  return vm.jobs[id]
end

-- Has QEMU begin, unless it has for an earlier supervisor: true | nil, why
function jobs.begin(vm, id, command, arguments)
  local job = jobs.find(vm, id)
  if job then
    vm.jobs[id] = job.status
    return true
  end
  vm.jobs[id] = nil
  local asked = { ["job-id"] = id, ["auto-dismiss"] = false }
  for name, value in pairs(arguments) do asked[name] = value end
  return vm.monitor:exec(command, asked)
end

-- Waits for what it has to do; one that takes a disk's place only when it is told, is.
function jobs.complete(vm, id)
  local ok, why = jobs.await(vm, id, { ready = true, concluded = true })
  if ok == "ready" then
    ok, why = vm.monitor:exec("job-complete", { id = id })
    if ok then ok, why = jobs.await(vm, id, { concluded = true }) end
  end
  return ok and true, why
end

-- All of it: true | nil, why
function jobs.run(vm, id, command, arguments)
  local ok, why = jobs.begin(vm, id, command, arguments)
  if ok then ok, why = jobs.complete(vm, id) end
  local job = ok and jobs.find(vm, id)
  if job then vm.monitor:exec("job-dismiss", { id = id }) end
  if job and job.error then return nil, ("%s: %s"):format(command, job.error) end
  return ok, why and ("%s: %s"):format(command, why)
end

return jobs

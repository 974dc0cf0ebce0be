-- SPDX-License-Identifier: MIT
-- How much memory and how many CPUs the machine has now, by QEMU's own word: asked when it starts
-- to run, where the plan does not know, and again after what changes them.
local sizes = {}

local PATIENCE = 5

-- Asks QEMU, and remembers: vm.sizes = { memory (bytes), cpus }. What is not answered stays.
function sizes.measure(vm)
  local memory = vm.monitor:exec("query-memory-size-summary", nil, PATIENCE)
  local cpus = vm.monitor:exec("query-cpus-fast", nil, PATIENCE)
  local base = type(memory) == "table" and math.tointeger(memory["base-memory"])
  if base then vm.sizes.memory = base + (math.tointeger(memory["plugged-memory"]) or 0) end
  if type(cpus) == "table" then vm.sizes.cpus = #cpus end
end

-- A machine is about to run. QEMU reads a command byte by byte, each with half a dozen system calls
-- (monitor/monitor.c), so that it is asked nothing that is known.
function sizes.begin(vm)
  if vm.plan.cpus then vm.sizes.cpus = vm.plan.cpus else sizes.measure(vm) end
end

local CHANGING = { memory = true, cpu = true, device = true, object = true }

-- A device of a family has come or gone.
function sizes.changed(vm, family)
  if CHANGING[family] then sizes.measure(vm) end
end

return sizes

-- SPDX-License-Identifier: MIT
-- QEMU's own options that say what a field of the machine says too: they count together.
local accelerator = require "lunik.machine.accelerator"
local check = require "lunik.schema.check"
local processor = require "lunik.machine.processor"

-- A row takes an item into the machine: true where nothing of the item is left.
local rows = {}

-- A default gives way to the first model; all others have to agree.
function rows.cpu(item, machine, problems)
  if not machine.cpu then return false end
  local open = not machine.written.cpu and not machine.merged_cpu
  local merged, why = processor.merged(machine.cpu, item.args, open)
  if not merged then
    check.add(problems, item.at, "qemu.cpu", why)
    return true
  end
  machine.cpu, machine.merged_cpu = merged, true
  machine.merged.cpu = machine.merged.cpu or {}
  table.insert(machine.merged.cpu, item.at)
  return true
end

rows.accel = accelerator.merge

-- It keeps its place on the command line.
function rows.S(item, machine, problems)
  if machine.written.paused and not machine.paused then
    check.add(problems, item.at, "qemu.S", "it stays paused, though machine.paused is false")
  end
  machine.paused, machine.says_S = true, true
  return false
end

return function(machine, problems)
  local left = {}
  for _, item in ipairs(machine.items) do
    local row = rows[item.option]
    if not row or not row(item, machine, problems) then left[#left + 1] = item end
  end
  return left
end

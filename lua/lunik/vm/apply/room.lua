-- SPDX-License-Identifier: MIT
-- Whether there is room for what is to come, before anything is done: ports that are free, memory
-- within the bounds of the start. What there is none for is refused.
local steps = require "lunik.vm.apply.steps"

local room = {}

-- What a change needs room for, beside what it takes the place of | nil
local function wanted(vm, entry, dir)
  local step = entry.step or {}
  if step[1] == "memory" then return { memory = step[2] } end
  local there = step[1] == "replace" and steps.device(vm, step[3])
  local comes = step[1] == "plug" or there and not there.port
  local item = comes and step[2]
  return item and { family = item.family, fields = steps.fields(item), dir = dir } or nil
end

-- Refuses those of the changes that there is no room for. `dir` is the recipe's folder.
function room.ask(vm, changes, dir)
  local list, entries = {}, {}
  for _, grows in ipairs { false, true } do
    for _, entry in ipairs(changes) do
      local one = wanted(vm, entry, dir)
      if one and grows == (one.memory ~= nil) then
        list[#list + 1], entries[#entries + 1] = one, entry
      end
    end
  end
  if #list == 0 then return end
  for i, failure in pairs(vm.hotplug:try(list)) do
    local entry = entries[i]
    entry.fate, entry.why, entry.step, entry.code = "refused", failure.why, nil, failure.code
  end
end

return room

-- SPDX-License-Identifier: MIT
-- The rooms of lua/lunik from the top: a folder, or a file that lies flat. What is in a room
-- requires, and calls, what is on lower floors, and its own.
local floors = {
  { "ext" },
  { "cli", "embed" },
  { "reference" },
  { "init" },
  { "fleet", "verify" },
  { "import", "supervisor" },
  { "control", "launch" },
  { "vm" },
  { "hotplug", "saved" },
  { "change", "plan" },
  { "machine" },
  { "recipe" },
  { "device" },
  { "qemu" },
  { "doctor", "hook", "process", "schema", "store" },
  { "extensions" },
  { "async", "codes", "exit", "host", "program", "qmp", "text" },
  { "system", "version" },
  { "core" },
}

local floor_of = {}
for level, rooms in ipairs(floors) do
  for _, each in ipairs(rooms) do floor_of[each] = level end
end

-- The room of a module ("vm.guest.agent") or of a file below lua/lunik ("vm/guest/agent.lua").
function floors.room(name)
  return (name:gsub("%.lua$", ""):gsub("/init$", ""):match "^[^./]*")
end

-- The floor of a room, 1 on top | nil
function floors.of(name) return floor_of[floors.room(name)] end

-- Every room's name.
function floors.rooms()
  local names = {}
  for name in pairs(floor_of) do names[#names + 1] = name end
  table.sort(names)
  return names
end

return floors

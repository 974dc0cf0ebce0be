-- SPDX-License-Identifier: MIT
-- A saved machine is planned as it was started, whatever has been applied to it since: its recipe
-- may say by now what came while it ran, and no more what has gone. A function of data.
local need = require "lunik.machine.need"

local going_on = {}

local MOST = 1 << 48       -- of anything, bytes of memory included

-- What was asked of the machine as a whole at its start; where nobody has said, what its recipe
-- asks | nil where it is nothing to ask
local function asked(saved, machine)
  local out = {}
  for _, row in ipairs(need) do
    local much = (saved.needs or machine.needs)[row.name]
    local counts = math.type(much) == "integer" and much >= 0 and much <= MOST
    if much ~= nil and much ~= true and not counts then return nil end
    out[row.name] = much
  end
  return out
end

-- Whether a machine can have all that it needs.
local function can_have(machine)
  for _, row in ipairs(need) do
    local much = machine.needs[row.name]
    if much and row.check and row.check(much, machine) then return false end
  end
  return true
end

-- CPUs of the start, where others came: those have an id.
local function cpus(hardware)
  local all = hardware.cpus or {}
  local count = 0
  for _, one in ipairs(all) do count = count + (one.id and 0 or 1) end
  return count < #all and count > 0 and count or nil
end

-- The machine to be planned.
function going_on.machine(machine, saved)
  local hardware, out = saved.hardware, setmetatable({}, getmetatable(machine))
  for name, value in next, machine do out[name] = value end
  out.needs = asked(saved, machine) or machine.needs
  if hardware.modules and hardware.modules[1] then out.memory = hardware.memory end
  out.cpus = cpus(hardware) or machine.cpus
  if not can_have(out) then out.needs = machine.needs end
  return out
end

-- Whether what the guest writes to the disk of its system stays; nothing does of a saved machine
-- that is restored once more. `saved` | nil
function going_on.lasting(machine, saved)
  if saved and saved.again then return false end
  for _, one in ipairs(machine.items) do
    if one.family == "disk" and one.system then return one.overlay ~= true end
  end
  return true
end

-- Whether an item of the recipe comes once QEMU runs, as it came before. `saved` | nil
function going_on.comes(saved, item)
  if not saved then return false end
  local name = item.id or item.tag
  return item.row.comes_after or saved.came and saved.came[("%s %s"):format(item.family, name)]
         or false
end

return going_on

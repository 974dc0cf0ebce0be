-- SPDX-License-Identifier: MIT
-- What only one can have: a place in the order of boot, a slot of a chassis, the number of a port,
-- the name of a file for the guest, the number of a node; and devices of which there is only one.
local device = require "lunik.verify.device"
local required = require "lunik.verify.required"

local function whole(value) return math.tointeger(tonumber(value)) end

local function is(entry, names)
  local driver = device.driver(entry)
  return driver ~= nil and names[driver] ~= nil
end

local function named(entry) return entry.args.id or device.driver(entry) or entry.name end

-- A row: the option; what(entry, line) -> the thing that it takes, the key, and what it is called;
-- nil where it takes none.
local rows = {
  { "device", function(entry)
      local index = whole(entry.args.bootindex)
      return index and index >= 0 and index, "bootindex", ("bootindex %d"):format(index or 0)
    end },
  { "device", function(entry)
      if not is(entry, required.chassis) then return nil end
      local chassis, slot = whole(entry.args.chassis) or 0, whole(entry.args.slot) or 0
      return chassis << 32 | slot, "slot", ("slot %d of chassis %d"):format(slot, chassis)
    end },
  { "device", function(entry)
      local number = whole(entry.args.nr)
      if not number or not is(entry, required.useful) then return nil end
      return ("%s %d"):format(entry.args.bus or "", number), "nr", ("port %d"):format(number)
    end },
  { "device", function(entry)
      local single = required.single[device.driver(entry) or ""]
      return single, "driver", ("there can be only one %s, and it"):format(single)
    end },
  { "fw_cfg", function(entry)
      local name = entry.args.name or entry.args[1]
      return name, "name", ("the name '%s'"):format(name)
    end },
  { "numa", function(entry)
      local number = entry.args[1] == "node" and whole(entry.args.nodeid)
      return number, "nodeid", ("node %d"):format(number or 0)
    end },
}

return function(line, report)
  for _, row in ipairs(rows) do
    local taken = {}
    for _, entry in ipairs(line:all(row[1])) do
      local what, key, called
      if entry.args then what, key, called = row[2](entry) end
      local before = what and taken[what]
      if before then
        report:add(entry, key, "already-used", ("%s is taken by %s"):format(called, named(before)))
      elseif what then
        taken[what] = entry
      end
    end
  end
end

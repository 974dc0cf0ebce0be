-- SPDX-License-Identifier: MIT
-- Holds the options of a plan against each other, and against the sandbox that QEMU gets. What is
-- wrong is a lack: the command line can still be shown.
local check = require "lunik.schema.check"
local sandbox = require "lunik.qemu.sandbox"
local together = require "lunik.qemu.together"

local hold = {}

-- Where the recipe has an option, or the field that brings it | nil
local function place_of(self, entry)
  if entry.item then return check.place(entry.item.at) end
  for i, each in ipairs(self.argv) do
    local from = each == entry and self.origins[self.argv][i]
    if from and from.at then return check.place(from.at) end
  end
end

local function told(self, entry, key, why, other, code)
  local one = entry.item or {}
  local path = one.family or "qemu." .. entry.row.name .. (key and "." .. key or "")
  if other then
    local at = place_of(self, other)
    why = why .. "; " .. (at and "it stands at " .. at or "lunik itself has it")
  end
  check.add(self.lacks, one.at, path, why, "line").code = code
end

-- Holds the options against each other, and makes contradictions lacks: QEMU would refuse to start,
-- but the command line can still be shown.
function hold.together(self)
  local list, open = {}, nil
  for _, entries in ipairs { self.argv, self.control } do
    for _, entry in ipairs(entries) do
      if type(entry) == "string" then
        open = true
      elseif entry.row then
        entry.trusted = not (entry.item and entry.item.option)
        list[#list + 1] = entry
      end
    end
  end
  together.check(list, function(...) told(self, ...) end, open)
end

-- What the sandbox would kill QEMU for, at the lines that say it.
function hold.in_sandbox(self)
  for _, entry in ipairs(self.argv) do
    local one = type(entry) == "table" and entry.item
    if one and one.option and entry.row then
      sandbox.check(entry.row, entry.args, function(key, why)
        check.add(self.lacks, key and one.at_of and one.at_of(key) or one.at,
          "qemu." .. entry.row.name .. (key and "." .. key or ""), why, "line")
      end)
    end
  end
end

return hold

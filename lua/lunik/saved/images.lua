-- SPDX-License-Identifier: MIT
-- The images of a saved machine that lie outside of its folder, read, and held against the sums
-- that were kept of them: the list of { code, why, told } that lunik.saved.compare makes.
local now = require "lunik.saved.now"
local printable = require "lunik.text.printable"
local sums = require "lunik.saved.sums"

-- What is to be said of one, which compare does not say | nil
local function look(layer, pass)
  local stamp = now.stamp(layer.file)
  if not stamp or stamp.size ~= layer.size then return nil end
  if not layer.sum then
    -- a device has none
    return layer.size and "was saved without a sum: lunik save --sums keeps one", true
  end
  local sum, why = sums.at(layer.file, pass)
  if not sum then return "cannot be read: " .. why end
  return sum ~= layer.sum and "is not what it was (its sum is another)" or nil
end

return function(machine, pass)
  local list, seen = {}, {}
  for i, disk in ipairs(machine.disks or {}) do
    for _, layer in ipairs(disk.layers) do
      local why, told
      if not layer.inside and not seen[layer.file] then why, told = look(layer, pass) end
      seen[layer.file] = true
      if why then
        list[#list + 1] = { code = "disk", told = told, why = ("disk %s: %s %s"):format(
          printable(disk.id or tostring(i)), printable(layer.file), why) }
      end
    end
  end
  return list
end

-- SPDX-License-Identifier: MIT
-- An item: what a constructor of a recipe returns. It is inert; `machine` reads it.
--   word    the constructor ("disk", "part", "qemu.device", "on")
--   fields  the table it was given, as written
--   at      positions, the writing line first, then the callers of its function
local item = {}
item.__index = item
item.__name = "lunik.item"

function item.new(word, fields, at)
  return setmetatable({ word = word, fields = fields, at = at }, item)
end

function item.is(value) return getmetatable(value) == item end

-- Walks the positional values of a table that may have holes, in order.
function item.each_positional(fields)
  local indices = {}
  for key in pairs(fields) do
    if math.type(key) == "integer" then indices[#indices + 1] = key end
  end
  table.sort(indices)
  local i = 0
  return function()
    i = i + 1
    if indices[i] then return indices[i], fields[indices[i]] end
  end
end

return item

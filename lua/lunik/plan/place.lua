-- SPDX-License-Identifier: MIT
-- Where an option of a plan comes from: the line of the recipe, and the field or key there.
local place = {}

-- The field of a family's device that a key of QEMU's comes from | nil
function place.field(device, key, value)
  local said = key and device.row.says and device.row.says[key]
  if said then return said end
  for _, row in ipairs(device.row.known) do
    if value ~= nil and device[row.name] == value or row.name == key then return row.name end
  end
end

-- A function of a key of an entry's and its value, nil for the whole: at, path.
function place.of(entry, machine)
  local item, option = entry.item, entry.row.name
  if item and item.row then
    return function(key, value)
      local field = place.field(item, key, value)
      return field and item.at_of(field) or item.at, item.family .. (field and "." .. field or "")
    end
  elseif item and item.option then
    return function(key)
      local at = type(key) == "string" and item.at_of(key:match "^[^.]+") or item.at
      return at, "qemu." .. option .. (type(key) == "string" and "." .. key or "")
    end
  end
  local field = entry.field
  return function()
    return field and machine.written[field] or machine.at, field and "machine." .. field or option
  end
end

-- The same of a raw word of a recipe; nil for what it did not bring.
function place.of_word(origin)
  local item = origin and origin.item
  return item and item.raw and function() return item.at, "raw" end or nil
end

return place

-- SPDX-License-Identifier: MIT
-- The arguments of a command that takes the fields of a family: all of the family's, each with the
-- type that its kind has in JSON, and the row's own. Loaded only to describe the command.
local device = require "lunik.device"

local TYPES = { bool = "boolean", int = "integer" }

return function(row)
  local list, seen = {}, { kind = true }
  local kinds = device.kinds(row.family)
  list[1] = { name = "kind", type = "string", optional = true, doc = table.concat(kinds, ", ") }
  for _, kind in ipairs(kinds) do
    for _, field in ipairs(device.row(row.family, kind).known) do
      if not seen[field.name] then
        seen[field.name] = true
        list[#list + 1] = { name = field.name, type = TYPES[field.kind.name] or "string",
                            doc = field.doc, optional = not field.required }
      end
    end
  end
  return table.move(row.takes, 1, #row.takes, #list + 1, list)
end

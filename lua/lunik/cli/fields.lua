-- SPDX-License-Identifier: MIT
-- Options of a verb that are the fields of a family: made from the family's row, so that a new
-- field is an option at once.
local fields = {}

local function option_of(name) return "--" .. name:gsub("_", "-") end

-- Adds an option for each field but those in `but`; `docs` has other words for some.
function fields.options(command, row, but, docs)
  for _, field in ipairs(row.fields) do
    local name, doc = field.name, docs[field.name] or field.doc
    if not but[name] and field.kind.name == "bool" then
      if field.default ~= true then command:flag(option_of(name), doc) end
      if field.default ~= false then command:flag(option_of("no_" .. name), "not: " .. doc) end
    elseif not but[name] then
      local option = command:option(option_of(name), doc)
      if field.kind.names then option:choices(field.kind.names) end
      if field.kind.argname then option:argname(field.kind.argname) end
    end
  end
end

-- Reads those options: the fields of the family.
function fields.read(args, row)
  local out = {}
  for _, field in ipairs(row.fields) do
    local name = field.name
    out[name] = args[name]
    if args["no_" .. name] then out[name] = false end
  end
  return out
end

return fields

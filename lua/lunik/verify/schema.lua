-- SPDX-License-Identifier: MIT
-- QMP's schema of the installed QEMU (qapi/introspect.json), as lunik.host.caps keeps it: the
-- members of a type, and whether a value is of it.
local suggest = require "lunik.text.suggest"

local schema = {}

-- The members of an object type, those of the variant that `given` chooses among them.
local function members(known, id, given)
  local rows = known:section("type", id)
  if not rows or rows[1][1] ~= "object" then return nil end
  local out, tag = {}, rows[1][2]
  for i = 2, #rows do
    local row = rows[i]
    if row[1] == "member" then
      out[row[2]] = { type = row[3], optional = row[4] == "yes" }
    elseif row[1] == "variant" and tag ~= "" and given and given[tag] == row[2] then
      for name, each in pairs(members(known, row[3], given) or {}) do out[name] = each end
    end
  end
  return out
end
schema.members = members

local json_types = { string = "string", boolean = "boolean", table = "object" }

local function kind_of(given)
  if math.type(given) == "integer" then return "int" end
  if type(given) == "number" then return "number" end
  return json_types[type(given)] or "null"
end

local function builtin(rows, given)
  local want, got = rows[1][2], kind_of(given)
  if want == "value" or want == got or want == "number" and got == "int" then return nil end
  return ("%s expected, got %s"):format(want, got == "object" and "an object" or "'" ..
    tostring(given) .. "'")
end

local function enum(rows, given)
  local values = {}
  for i = 2, #rows do
    if rows[i][1] == given then return nil end
    values[#values + 1] = rows[i][1]
  end
  return ("'%s' is none of %s%s"):format(tostring(given), table.concat(values, ", ", 1,
    math.min(12, #values)), suggest.hint(tostring(given), values))
end

-- Holds a value against a type: found(path, code, why).
function schema.judge(known, id, given, path, found)
  local rows = known:section("type", id)
  if not rows then return end
  local what = rows[1][1]
  if what == "builtin" or what == "enum" then
    local why = (what == "enum" and enum or builtin)(rows, given)
    if why then found(path, "bad-value", why) end
  elseif what == "array" then
    if type(given) ~= "table" then return found(path, "bad-value", "a list expected") end
    for _, each in ipairs(given) do schema.judge(known, rows[1][2], each, path, found) end
  elseif what == "object" then
    schema.object(known, id, given, path, found)
  end
end

local function below(path, name) return path and path .. "." .. name or name end

function schema.object(known, id, given, path, found)
  if type(given) ~= "table" then return found(path, "bad-value", "an object expected") end
  local have, names = members(known, id, given) or {}, {}
  for name in pairs(have) do names[#names + 1] = name end
  table.sort(names)
  for name, each in pairs(given) do
    if not have[name] then
      found(below(path, tostring(name)), "unknown-argument", ("unknown argument '%s'%s"):format(
        tostring(name), suggest.hint_or_all(tostring(name), names, 8)))
    else
      schema.judge(known, have[name].type, each, below(path, name), found)
    end
  end
  for _, name in ipairs(names) do
    if given[name] == nil and not have[name].optional then
      found(below(path, name), "missing-argument", ("'%s' is missing"):format(name))
    end
  end
end

-- The object type that a reference to it is of: itself, or that of an alternate | nil
function schema.object_of(known, id)
  local rows = known:section("type", id)
  if not rows then return nil end
  if rows[1][1] == "object" then return id end
  for i = 2, rows[1][1] == "alternate" and #rows or 1 do
    local found = schema.object_of(known, rows[i][3])
    if found then return found end
  end
end

return schema

-- SPDX-License-Identifier: MIT
-- Properties that a driver, an object type or a board is known to have, as a table from name
-- to type (lunik.host.caps): how a key is spelled, and what its value is in JSON, where QEMU
-- takes a number only for a number.
local truth = require "lunik.qemu.truth"

local property = {}

local function dash(name) return (name:gsub("_", "-")) end

-- QEMU's name of a key, or nil when it is none of `props`. Elements of an array ("pins[0]")
-- and members of a group ("limits.iops-total") are the array's and the group's.
function property.spelling(props, key)
  if props[key] or key:find "%[%d+%]$" then return key end
  if props[dash(key)] then return dash(key) end
  local group, rest = key:match "^([^.]+)(%..+)$"
  local name = group and property.spelling(props, group)
  return name and name .. dash(rest)
end

local units = { b = 0, k = 10, m = 20, g = 30, t = 40, p = 50, e = 60 }

local function whole(text)
  local number, unit = text:match "^(%-?%w-)([bBkKmMgGtTpPeE]?)$"
  number = (number or ""):find "^%-?0[xX]%x+$" and tonumber(number)
    or (number or ""):find "^%-?%d+$" and math.tointeger(tonumber(number))
  return math.tointeger(tonumber(text)) or number and number << (units[unit:lower()] or 0)
end

-- Types whose JSON is a number, by the beginning of their names.
local function is_number(kind) return kind:find "^u?int%d*_?t?$" or kind == "size" end

-- A value for JSON, by its property's type (nil: unknown). What does not fit stays as it is:
-- it is QEMU that refuses it.
function property.value(kind, value)
  if not kind or type(value) == "table" then return value end
  if is_number(kind) then
    if type(value) ~= "string" then return value end
    return whole(value) or value
  elseif kind == "bool" then
    if truth[value] ~= nil then return truth[value] end
    return value
  elseif type(value) == "boolean" then
    return value and "on" or "off"
  end
  return type(value) == "number" and tostring(value) or value
end

return property

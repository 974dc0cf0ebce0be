-- SPDX-License-Identifier: MIT
-- Texts that may be any bytes, as JSON can carry them, and back.
local base64 = require "lunik.text.base64"
local core = require "lunik.core"

local portable = {}

-- Makes a path fit for JSON: text, or base64 where it is not UTF-8. `bytes` is the inverse.
function portable.text(path)
  return utf8.len(path) and path or { path_b64 = base64.encode(path) }
end

-- nil of what neither can have made.
function portable.bytes(value)
  if type(value) ~= "table" then return value end
  return type(value.path_b64) == "string" and base64.decode(value.path_b64) or nil
end

-- A list with names beside it, as qemu.device { "driver", id = … } has them.
local function is_mixed(value)
  if value[1] == nil then return false end
  for key in pairs(value) do
    if type(key) == "string" then return true end
  end
  return false
end

local function split(value)
  local list, named = {}, {}
  for key, each in pairs(value) do (type(key) == "string" and named or list)[key] = each end
  return { list_and_names = { portable.encode(list), portable.encode(named) } }
end

-- Makes a table fit for JSON though its texts may be any bytes; `decode` is the inverse.
function portable.encode(value)
  if type(value) == "string" then return portable.text(value) end
  if type(value) ~= "table" then return value end
  if is_mixed(value) then return split(value) end
  local out = value[1] ~= nil and core.json.array {} or {}
  for key, each in pairs(value) do out[key] = portable.encode(each) end
  return out
end

local function joined(list, named)
  local out = portable.decode(list)
  for key, each in pairs(portable.decode(named)) do out[key] = each end
  return out
end

function portable.decode(value)
  if type(value) ~= "table" then return value end
  if value.path_b64 then return portable.bytes(value) end
  local parts = value.list_and_names
  if type(parts) == "table" and type(parts[1]) == "table" and type(parts[2]) == "table" then
    return joined(parts[1], parts[2])
  end
  local out = {}
  for key, each in pairs(value) do out[key] = portable.decode(each) end
  return out
end

return portable

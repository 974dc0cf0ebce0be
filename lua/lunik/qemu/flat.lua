-- SPDX-License-Identifier: MIT
-- Arguments with nested tables as QEMU's flat keys: { server = { host = "h" } } is
-- server.host=h; a list is key.0=, key.1= … in the keyval grammar, the key again in the
-- others (util/keyval.c, util/qemu-option.c).
local sorted = require "lunik.text.sorted"

local flat = {}

local put

local function put_list(out, key, list, numbered)
  for i, value in ipairs(list) do
    put(out, numbered and ("%s.%d"):format(key, i - 1) or key, value, numbered)
  end
end

function put(out, key, value, numbered)
  if type(value) ~= "table" or value.fd or next(value) == nil then
    out[#out + 1] = { key, value }
    return
  end
  put_list(out, key, value, numbered)
  for _, name in ipairs(sorted(value)) do put(out, key .. "." .. name, value[name], numbered) end
end

-- The named arguments as a list of { key, value }, keys as written, sorted.
function flat.pairs(row, args)
  -- a bare form is read as QemuOpts, whatever the others are
  local bare = row.bare and args[1] == nil and args[row.bare] ~= nil
  local out, numbered = {}, row.grammar == "keyval" and not bare
  for _, name in ipairs(sorted(args)) do put(out, name, args[name], numbered) end
  return out
end

-- The inverse for one key: puts `value` at the end of the dotted path, making tables.
function flat.set(args, key, value)
  local into, parts = args, {}
  for part in key:gmatch "[^.]+" do parts[#parts + 1] = part end
  for i = 1, #parts - 1 do
    local name = math.tointeger(tonumber(parts[i])) and tonumber(parts[i]) + 1 or parts[i]
    if into[name] ~= nil and type(into[name]) ~= "table" then return false end
    into[name] = into[name] or {}
    into = into[name]
  end
  local last = math.tointeger(tonumber(parts[#parts]))
  into[last and #parts > 1 and last + 1 or parts[#parts]] = value
  return true
end

return flat

-- SPDX-License-Identifier: MIT
-- Values of properties as QEMU's visitors read them (qapi/qobject-input-visitor.c, util/cutils.c).
local kinds = require "lunik.qemu.kind"
local suggest = require "lunik.text.suggest"

local value = {}

local booleans = { on = true, yes = true, ["true"] = true, y = true, off = true, no = true,
  ["false"] = true, n = true }

local ranges = { int8 = { -128, 127 }, int16 = { -32768, 32767 },
  int32 = { -1 << 31, (1 << 31) - 1 }, uint8 = { 0, 255 },
  uint16 = { 0, 65535 }, uint32 = { 0, (1 << 32) - 1 }, uint64 = { nil, nil },
  uint64_t = { nil, nil }, int = { nil, nil }, int64 = { nil, nil } }

-- Enumerations whose words stand in no description.
local enumerations = { OnOffAuto = { "on", "off", "auto" }, HostMemPolicy = { "default",
  "preferred", "bind", "interleave" }, FdcDriveType = { "144", "288", "120", "none", "auto" } }

local function whole(text)
  if math.type(text) == "integer" then return text end
  local said = tostring(text):match "^[-+]?%d+$" or tostring(text):match "^[-+]?0[xX]%x+$"
  return said and math.tointeger(tonumber(said)) or said and math.maxinteger
end

local function of_number(range, given)
  local number = whole(given)
  if not number then return ("a whole number expected, got '%s'"):format(given) end
  if range[1] and (number < range[1] or number > range[2]) then
    return ("%s is out of range: %d to %d"):format(given, range[1], range[2])
  end
end

-- What a truth is called: "on" or "off" where that may have been meant.
local untrue = { ["0"] = true, ["false"] = true, no = true, n = true, disable = true,
  disabled = true, none = true, never = true }

function value.truth(given)
  local text = tostring(given):lower()
  local off = untrue[text] or text:find "^of" or text:find "^fal" or text:find "^dis"
  return ("; did you mean '%s'?"):format(off and "off" or "on")
end

local function of_words(list, given)
  for _, word in ipairs(list) do
    if word == given then return nil end
  end
  local hint = suggest.hint(tostring(given), list)
  if hint == "" and list[1] == "on" then hint = value.truth(given) end
  return ("'%s' is none of %s%s"):format(given, table.concat(list, ", "), hint)
end

-- All the words that a property (a row of lunik.host.caps) takes | nil
function value.words(row)
  local list = {}
  for word in (row[4] or ""):gmatch "[^|]+" do list[#list + 1] = word end
  return #list > 1 and list or enumerations[row[2]]
end

local function of_slot(given)
  local slot, rest = tostring(given):match "^0?[xX]?(%x+)(.*)$"
  local func = rest and (rest == "" and "0" or rest:match "^%.0?[xX]?(%x+)$")
  if math.type(given) == "integer" then return nil end
  if not func or tonumber(slot, 16) > 31 or tonumber(func, 16) > 7 then
    return ("'%s' is no PCI slot: 0 to 1f in hexadecimal, and .0 to .7 behind it"):format(given)
  end
end

local function of_mac(given)
  local pair = "%x%x"
  if not tostring(given):find("^" .. pair .. ("[:-]" .. pair):rep(5) .. "$") then
    return ("an address such as 52:54:00:12:34:56 expected, got '%s'"):format(given)
  end
end

-- hw/core/qdev-properties-system.c: set_blocksize
local function of_block(given)
  local bytes = kinds.bytes(given, 0)
  if not bytes then return ("a size expected, got '%s'"):format(given) end
  if bytes ~= 0 and (bytes < 512 or bytes > 2 << 20 or bytes & (bytes - 1) ~= 0) then
    return ("a power of two from 512 to 2M expected, got '%s'"):format(given)
  end
end

-- Why a property (a row of lunik.host.caps) does not take a value | nil.
function value.problem(row, given)
  local kind = row[2]
  if type(given) == "table" then return nil end
  if type(given) == "boolean" then given = given and "on" or "off" end
  if kind == "bool" then
    return not booleans[given] and ("on or off expected, got '%s'%s"):format(given,
      value.truth(given)) or nil
  elseif kind == "slot" then return of_slot(given)
  elseif ranges[kind] then
    -- int properties of object types may be sizes
    if kind == "int" and kinds.size.read(given) then return nil end
    return of_number(ranges[kind], given)
  elseif kind == "size" and not row[5]:find "^A power of two" then
    return not kinds.size.read(given) and ("a size expected, got '%s'"):format(given) or nil
  end
  if row[5]:find "^A power of two between 512 B" then return of_block(given) end
  if row[5]:find "^Ethernet 6%-byte MAC" then return of_mac(given) end
  local list = value.words(row)
  return list and of_words(list, given) or nil
end

-- The same of a value in JSON, which has to be of the property's type itself.
function value.json_problem(row, given)
  local kind = row[2]
  if kind == "bool" and type(given) ~= "boolean" then return "true or false expected in JSON" end
  if (ranges[kind] and kind ~= "int" or kind == "size") and math.type(given) ~= "integer" then
    local whole_of = type(given) == "string" and whole(given)
    return ("a JSON number expected, got %s%s"):format(type(given) == "string" and "a string"
      or type(given), whole_of and (", did you mean '%d' without quotes?"):format(whole_of) or "")
  end
  return value.problem(row, given)
end

return value

-- SPDX-License-Identifier: MIT
-- Values on their way over a control socket. JSON has no bytes: a member whose text is not UTF-8,
-- or that is bytes by its row, travels in base64 under its name and "-b64"; so does a list of texts
-- of which one is not UTF-8, and one that is no member, without a name: { "-b64": [ … ] }. An
-- earlier spelling of such a text, { "path_b64": … }, is still read.
local base64 = require "lunik.text.base64"
local core = require "lunik.core"

local wire = {}

local SUFFIX = "-b64"

local function is_odd(value) return type(value) == "string" and not utf8.len(value) end

local function odd_list(list)
  for _, each in ipairs(list) do
    if is_odd(each) then return true end
  end
  return false
end

local function encode_list(list)
  local out = core.json.array {}
  for i, each in ipairs(list) do out[i] = base64.encode(each) end
  return out
end

local encode

local function encode_object(value, binary)
  local out = core.json.object {}
  for name, each in pairs(value) do
    if binary[name] or is_odd(each) then
      out[name .. SUFFIX] = base64.encode(each)
    elseif type(each) == "table" and odd_list(each) then
      out[name .. SUFFIX] = encode_list(each)
    else
      out[name] = encode(each)
    end
  end
  return out
end

local function is_list(value)
  return core.json.is_array(value) or value[1] ~= nil
end

function encode(value, binary)
  if type(value) ~= "table" then return value end
  if not is_list(value) then return encode_object(value, binary or {}) end
  if odd_list(value) then return core.json.object { [SUFFIX] = encode_list(value) } end
  local out = core.json.array {}
  for i, each in ipairs(value) do out[i] = encode(each) end
  return out
end

local function set_of(names)
  local out = {}
  for _, name in ipairs(names or {}) do out[name] = true end
  return out
end

-- A value as JSON can carry it. `binary` names the members that are bytes whatever is in them.
function wire.encode(value, binary)
  return encode(value, set_of(binary))
end

local function bytes_of(name, text)
  local bytes = type(text) == "string" and base64.decode(text)
  if bytes then return bytes end
  return nil, name .. ": base64 expected"
end

local function bytes_of_each(name, list)
  local out = {}
  for i, text in ipairs(list) do
    local why
    out[i], why = bytes_of(name, text)
    if why then return nil, why end
  end
  return out
end

local decode

-- A member by its real name: name, value | name, nil, why
local function member(name, value)
  local plain = type(name) == "string" and name:match "^(.+)%-b64$"
  if not plain then return name, decode(value) end
  return plain, (type(value) == "table" and bytes_of_each or bytes_of)(name, value)
end

local function decode_object(value)
  if type(value[SUFFIX]) == "table" then return bytes_of_each(SUFFIX, value[SUFFIX]) end
  if type(value.path_b64) == "string" then return bytes_of("path_b64", value.path_b64) end
  local out = {}
  for key, each in pairs(value) do
    local name, plain, why = member(key, each)
    if why then return nil, why end
    out[name] = plain
  end
  return out
end

function decode(value)
  if type(value) ~= "table" then return value end
  if not core.json.is_array(value) then return decode_object(value) end
  local out = core.json.array {}
  for i, each in ipairs(value) do
    local why
    out[i], why = decode(each)
    if why then return nil, why end
  end
  return out
end

-- The inverse | nil, why
wire.decode = decode

return wire

-- SPDX-License-Identifier: MIT
-- An option's arguments as Lua text: what stands between the braces of qemu.NAME { … }.
local core = require "lunik.core"
local keys = require "lunik.qemu.keys"
local quote = require "lunik.import.quote"

local parts = {}

local value_part

-- A table's members, named ones as `spelled` sorts them; or nil and what cannot be written.
local function members(list, path, spelled)
  local out, names = {}, {}
  for i, value in ipairs(list) do
    local part, why = value_part(value, ("%s.%d"):format(path, i - 1), spelled)
    if not part then return nil, why end
    out[i] = part
  end
  for name in pairs(list) do
    if math.type(name) ~= "integer" or name < 1 or name > #out then names[#names + 1] = name end
  end
  for _, name in ipairs(names) do
    if type(name) ~= "string" then return nil, path .. ": a list with a hole" end
  end
  spelled.sort(names)
  for _, name in ipairs(names) do
    local part, why = value_part(list[name], path .. "." .. name, spelled, name)
    if not part then return nil, why end
    out[#out + 1] = part
  end
  return out
end

local function joined(list)
  local texts = {}
  for i, part in ipairs(list) do texts[i] = type(part) == "table" and part.flat or part end
  return #texts == 0 and "{}" or "{ " .. table.concat(texts, ", ") .. " }"
end

local function scalar_text(value)
  if type(value) == "string" then return quote.string(value) end
  if type(value) == "boolean" or math.type(value) == "integer" then return tostring(value) end
  -- whole numbers beyond Lua's
  if type(value) == "userdata" and value ~= core.json.null then
    return quote.string(tostring(value))
  end
end

-- One value as text, or, of a table, { head, parts, flat = all on one line }; with `name`
-- in front. nil and why when no recipe can say it.
function value_part(value, path, spelled, name)
  local head = ""
  if name then
    local key = spelled.key(path, name)
    if not key then return nil, ("%s: no recipe can spell this key"):format(path) end
    head = key .. " = "
  end
  local text = scalar_text(value)
  if text then return head .. text end
  if type(value) ~= "table" then
    local what = value == core.json.null and "null" or tostring(value)
    return nil, ("%s: only JSON can say %s"):format(path, what)
  end
  local list, why = members(value, path, spelled)
  if not list then return nil, why end
  return { head = head, parts = list, flat = head .. joined(list) }
end

local function spelling(row, form, path, name)
  local plain = name:gsub("-", "_")
  local prefix = path:sub(1, #path - #name)
  if quote.is_name(plain) and keys.spelling(row, form, prefix .. plain) == path then
    return plain
  end
  return keys.spelling(row, form, path) == path and quote.key(name) or nil
end

-- How a recipe names a key so that QEMU gets it as it was (`-` may be `_`), by row and form;
-- nil when no recipe can.
local spelt = {}

local function speller(row, form)
  local id = row.name .. " " .. (row.by and row.by[form] and form or "")
  local known = spelt[id]
  if not known then
    known = {}
    spelt[id] = known
  end
  return function(path, name)
    local text = known[path]
    if text == nil then
      text = spelling(row, form, path, name) or false
      known[path] = text
    end
    return text or nil
  end
end

-- Sorts names in the order of the text that they came from.
local function sorter(text)
  local padded = "," .. text
  return function(names)
    local place = {}
    for _, name in ipairs(names) do
      place[name] = padded:find("," .. name, 1, true) or padded:find('"' .. name .. '"', 1, true)
        or padded:find(name, 1, true) or #padded
    end
    table.sort(names, function(a, b)
      if place[a] ~= place[b] then return place[a] < place[b] end
      return a < b
    end)
  end
end

-- Lua text for each value, the positional ones first; or nil and why.
function parts.of(row, args, text)
  local spelled = { key = speller(row, keys.form(row, args)), sort = sorter(text) }
  local out, names = {}, {}
  for i, value in ipairs(args) do
    local part, why = value_part(value, tostring(i), spelled)
    if not part then return nil, why end
    out[i] = part
  end
  for name in pairs(args) do
    if type(name) == "string" then names[#names + 1] = name end
  end
  spelled.sort(names)
  for _, name in ipairs(names) do
    local part, why = value_part(args[name], name, spelled, name)
    if not part then return nil, why end
    out[#out + 1] = part
  end
  return out
end

-- Drops what is remembered of spellings.
function parts.forget() spelt = {} end

return parts

-- SPDX-License-Identifier: MIT
-- Which keys an option takes, by its row: those of all its forms, those of the form that
-- its first value names, and, in open options, those that only the binary knows.
-- Keys of nested tables are written with dots, as QEMU does; "*" in a row's key stands for
-- one part ("smp-cache.*.cache").
local sorted = require "lunik.text.sorted"
local underscores = require "lunik.qemu.underscores"

local keys = {}

local function dash(name) return (name:gsub("_", "-")) end

local function add(into, list)
  for _, key in ipairs(list or {}) do
    if key[1]:find("*", 1, true) then
      local pattern = key[1]:gsub("[%-%.%+]", "%%%0"):gsub("%*", "[^.]+")
      table.insert(into.patterns, { "^" .. pattern .. "$", key })
    end
    into.names[key[1]] = key
    if key.required then into.required[key[1]] = key end
    into.refers = into.refers or (key.ref or key.kind.ref) ~= nil
    into.dashed[dash(key[1])] = key[1]
  end
end

local known = setmetatable({}, { __mode = "k" })

-- Which form of the option the arguments are: what its first value, or the key that tells
-- them apart, says; nil when that is no text. A `bare` form is written as a key of its
-- name, without a first value (-display vnc=…).
function keys.form(row, args)
  local form = args[1]
  if row.discriminator then form = args[row.discriminator]
  elseif form == nil and row.bare and args[row.bare] ~= nil then form = row.bare
  elseif form == nil and row.implied then form = args[row.implied] end
  if math.type(form) == "integer" then form = tostring(form) end
  return type(form) == "string" and form or nil
end

local function make(row, form)
  local into = { names = {}, patterns = {}, dashed = {}, required = {}, spelled = {}, count = 0 }
  add(into, row.keys)
  if row.by then add(into, row.by[form]) end
  return into
end

-- { names = { key = its row }, required = such of them, patterns } of a row and a form.
function keys.of(row, form)
  form = row.by and row.by[form] and form or ""
  local forms = known[row]
  if not forms then
    forms = {}
    known[row] = forms
  end
  local of = forms[form]
  if not of then
    of = make(row, form)
    forms[form] = of
  end
  return of
end

-- The row of one key, spelled as QEMU does, or nil.
function keys.find(row, form, key)
  local of = keys.of(row, form)
  local found = of.names[key]
  if found then return found end
  -- a key with stars has several parts
  if not of.patterns[1] or not key:find(".", 1, true) then return nil end
  for _, pattern in ipairs(of.patterns) do
    if key:find(pattern[1]) then return pattern[2] end
  end
end

-- Whether any key that its row has can name something that another option defines.
function keys.refers(row, form) return keys.of(row, form).refers end

-- The names for a suggestion.
function keys.names(row, form) return sorted(keys.of(row, form).names) end

local none = {}

-- The names of those that must be there.
function keys.required(row, form)
  local of = keys.of(row, form).required
  return next(of) and sorted(of) or none
end

-- The forms that know a key which this one does not.
function keys.elsewhere(row, key)
  local forms = {}
  for form, list in pairs(row.by or {}) do
    for _, each in ipairs(list) do
      if each[1] == key then forms[#forms + 1] = form end
    end
  end
  table.sort(forms)
  return forms
end

-- The row's name of a key that has dashes for underscores and numbers for stars, or nil.
local function named(row, form, dashed)
  local starred = ("." .. dashed .. "."):gsub("%.%d+%f[.]", ".*"):sub(2, -2)
  local name, part = keys.of(row, form).dashed[starred], dashed:gmatch "[^.]+"
  return name and name:gsub("[^.]+", function(each)
    local own = part()
    return each == "*" and own or each
  end) or nil
end

local function spell(row, form, key)
  if keys.find(row, form, key) then return key end
  local dashed = dash(key)
  local name = named(row, form, dashed)
  if name then return name end
  if row.underscores and row.underscores[key] then return key end
  if row.open and underscores[key:match "[^.]+$"] then return key end
  return dashed
end

-- How many spellings are remembered for a row and a form: anybody can make up keys.
local most = 500

-- QEMU's spelling of a key: `_` stands for `-`, except where QEMU's own has it.
function keys.spelling(row, form, key)
  if not key:find("_", 1, true) then return key end
  local of = keys.of(row, form)
  local spelled = of.spelled[key]
  if spelled then return spelled end
  spelled = spell(row, form, key)
  if of.count < most then of.spelled[key], of.count = spelled, of.count + 1 end
  return spelled
end

return keys

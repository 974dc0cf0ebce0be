-- SPDX-License-Identifier: MIT
-- Holds an option's arguments against its row. Reports every problem with the key that
-- it is about, so that the recipe's line can be found.
local base = require "lunik.kind"
local flat = require "lunik.qemu.flat"
local keys = require "lunik.qemu.keys"
local kinds = require "lunik.qemu.kind"
local suggest = require "lunik.suggest"

local check = {}

local named = { opts = true, keyval = true, cpu = true, global = true, set = true, chardev = true }

-- driver.property=value and group.id.key=value say it all in one
local whole = { global = true, set = true }

-- a model or a backend cannot be told otherwise
local needs_first = { cpu = true, chardev = true }

local function names_of(by)
  local names = {}
  for name in pairs(by) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local function check_form(row, first, report)
  if type(first) ~= "string" then
    return report(1, ("%s expected, got %s"):format(row.implied or "a name", base.show(first)))
  end
  if row.by[first] or row.open_first and kinds.word.read(first) then return end
  local names = names_of(row.by)
  local hint = suggest.hint(first:match "^[^:]*", names)
  if hint == "" then hint = "; there are: " .. table.concat(names, ", ") end
  report(1, ("no %s %s%s"):format(row.implied or "form", base.show(first), hint))
end

-- The first value, or what stands in place of it.
local function check_first(row, args, report)
  local first = args[1]
  if row.grammar == "flag" then
    if first ~= nil then report(1, ("no place for %s: it takes no value"):format(base.show(first))) end
    return
  end
  if first == nil then
    local named_first = row.implied and args[row.implied] ~= nil
    if (not named[row.grammar] or needs_first[row.grammar]) and not named_first then
      report(1, ("its first value is missing: %s"):format(row.implied or row.kind and row.kind.expects or "a value"))
    end
  elseif row.by and not row.discriminator then
    check_form(row, first, report)
  else
    -- -cpu's first value is no key, though a key is called like it
    local implied = row.implied and row.grammar ~= "cpu" and keys.find(row, nil, row.implied)
    local kind = row.kind or implied and implied.kind or row.grammar == "cpu" and kinds.word or kinds.text
    local value, why = kind.read(first)
    if not row.implied and named[row.grammar] and not whole[row.grammar] then
      why = ("no place for %s: its values have names"):format(base.show(first))
    end
    if why then report(1, why) end
  end
end

local function unknown(row, form, key)
  local forms = keys.elsewhere(row, key)
  if #forms > 0 then
    return ("%s has no such key; it belongs to %s"):format(base.show(form or "this"), table.concat(forms, ", "))
  end
  local names = keys.names(row, form)
  local hint = suggest.hint(key, names)
  if hint == "" and #names > 0 and #names <= 12 then hint = "; there are: " .. table.concat(names, ", ") end
  return "no such key" .. hint
end

local function check_value(found, value, report, key)
  if type(value) == "table" and value.fd then return end
  local out, why = found.kind.read(value)
  if out == nil then report(key, why) end
end

-- A key that stands several times is a list, where QEMU takes it so.
local function check_once(row, found, seen, key, report)
  if seen[key] and not found.repeats and row.grammar ~= "keyval" then
    report(key, "stands more than once; QEMU takes only the last")
    return
  end
  seen[key] = true
end

-- JSON can say it: an object without members.
local function empty(value) return type(value) == "table" and next(value) == nil end

local function check_keys(row, args, report)
  local seen, form = {}, keys.form(row, args)
  for _, pair in ipairs(flat.pairs(row, args)) do
    local key = keys.spelling(row, form, pair[1])
    local found = keys.find(row, form, key)
    if found then
      check_once(row, found, seen, key, report)
      check_value(found, pair[2], report, pair[1])
    elseif not row.open then
      report(pair[1], unknown(row, form, key))
    elseif not key:find "^[^,=%c%s]+$" then
      report(pair[1], "not a name that QEMU can read")
    elseif kinds.any.read(pair[2]) == nil and not (row.json and empty(pair[2])) then
      report(pair[1], ("text, a whole number or a boolean expected, got %s"):format(base.show(pair[2])))
    end
  end
end

local function check_required(row, args, report)
  if whole[row.grammar] and args[1] ~= nil then return end
  local form = keys.form(row, args)
  for _, name in ipairs(keys.required(row, form)) do
    local key = keys.find(row, form, name)
    if args[name] == nil and args[(name:gsub("-", "_"))] == nil and
      not (row.implied == name and args[1] ~= nil) then
      report(nil, ("%s is missing: %s"):format(name, key.kind.expects))
    end
  end
end

local function check_positions(row, args, report)
  for key, value in pairs(args) do
    if math.type(key) == "integer" and key ~= 1 and not (row.grammar == "cpu" and type(value) == "string") then
      report(nil, ("no place for %s"):format(base.show(value)))
    elseif type(key) == "string" and not named[row.grammar] then
      report(key, ("no such key: it takes %s value"):format(row.grammar == "flag" and "no" or "one"))
    end
  end
end

-- report(key | nil, why) is called for each problem; a position is key 1.
function check.args(row, args, report)
  -- a short form in one piece, "file:PATH", is held against what it says
  if row.grammar == "chardev" then
    local expanded, why = require "lunik.qemu.grammar.chardev".expand(args)
    if not expanded then return report(1, why) end
    args = expanded
  end
  check_first(row, args, report)
  check_positions(row, args, report)
  if named[row.grammar] and not (row.by and type(args[1] or "") ~= "string") then
    check_keys(row, args, report)
    check_required(row, args, report)
  end
end

return check

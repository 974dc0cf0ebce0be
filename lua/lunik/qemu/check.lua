-- SPDX-License-Identifier: MIT
-- Holds an option's arguments against its row. Reports every problem with the key that
-- it is about, so that the recipe's line can be found.
local base = require "lunik.schema.kind"
local flat = require "lunik.qemu.flat"
local keys = require "lunik.qemu.keys"
local kinds = require "lunik.qemu.kind"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

local check = {}

local named = { opts = true, keyval = true, cpu = true, global = true, set = true,
  chardev = true }

-- grammars whose first value says all: driver.property=value, group.id.key=value
local whole = { global = true, set = true }

-- grammars that need a first value: no key can name the model or the backend
local needs_first = { cpu = true, chardev = true }

local function check_form(row, first, report)
  if type(first) ~= "string" then
    return report(1, ("%s expected, got %s"):format(row.implied or "a name", base.show(first)))
  end
  if row.by[first] or row.open_first and kinds.word.read(first) then return end
  local hint = suggest.hint_or_all(first:match "^[^:]*", sorted(row.by), math.huge)
  report(1, ("no %s %s%s"):format(row.implied or "form", base.show(first), hint))
end

local function no_place(value, why)
  return ("no place for %s: %s"):format(base.show(value), why)
end

local function first_kind(row)
  if row.kind then return row.kind end
  -- -cpu's first value is no key, though a key is called like it
  if row.grammar == "cpu" then return kinds.word end
  local implied = row.implied and keys.find(row, nil, row.implied)
  return implied and implied.kind or kinds.text
end

local function check_missing(row, args, report)
  local optional = named[row.grammar] and not needs_first[row.grammar]
  if optional or row.implied and args[row.implied] ~= nil then return end
  local what = row.implied or row.kind and row.kind.expects or "a value"
  report(1, "its first value is missing: " .. what, "missing-key")
end

-- Checks the first value, or what stands in place of it.
local function check_first(row, args, report)
  local first = args[1]
  if row.grammar == "flag" then
    if first ~= nil then report(1, no_place(first, "it takes no value")) end
  elseif first == nil then
    check_missing(row, args, report)
  elseif row.by and not row.discriminator then
    check_form(row, first, report)
  elseif not row.implied and named[row.grammar] and not whole[row.grammar] then
    report(1, no_place(first, "its values have names"))
  else
    local value, why = first_kind(row).read(first)
    if value == nil then report(1, why) end
  end
end

local function unknown(row, form, key)
  local forms = keys.elsewhere(row, key)
  if #forms > 0 then
    -- QEMU has one list of keys for all character backends
    return ("%s has no such key; it belongs to %s"):format(base.show(form or "this"),
      table.concat(forms, ", ")), row.name == "chardev" and "ignored" or "unknown-key"
  end
  return "no such key" .. suggest.hint_or_all(key, keys.names(row, form), 12), "unknown-key"
end

local function check_value(found, value, report, key)
  if type(value) == "table" and value.fd then return end
  local out, why = found.kind.read(value)
  if out == nil then report(key, why) end
end

-- Checks that a key stands once. Where QEMU takes several, a recipe gives it a list.
local function check_once(row, found, seen, key, report)
  if seen[key] and not found.repeats and row.grammar ~= "keyval" then
    report(key, "stands more than once; QEMU takes only the last", "repeated-key")
    return
  end
  seen[key] = true
end

-- Whether nested tables become JSON (qemu.write), which can say an object without members.
local function becomes_json(row) return row.json and row.grammar == "opts" and not row.nested end

local function empty(value) return type(value) == "table" and next(value) == nil end

-- True where all keys are right beyond doubt: no problem, no table, no key in two spellings. False
-- says nothing: then they are checked one by one, in order.
local function plainly_right(row, form, args)
  for name, value in next, args do
    if type(name) == "string" then
      local key = keys.spelling(row, form, name)
      local found = keys.find(row, form, key)
      if type(value) == "table" or key ~= name and args[key] ~= nil
        or not found and not (row.open and key:find "^[^,=%c%s]+$")
        or (found and found.kind or kinds.any).read(value) == nil then
        return false
      end
    end
  end
  return true
end

local function check_keys(row, args, report)
  local seen, form = {}, keys.form(row, args)
  if plainly_right(row, form, args) then return end
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
    elseif kinds.any.read(pair[2]) == nil and not (becomes_json(row) and empty(pair[2])) then
      report(pair[1], ("text, a whole number or a boolean expected, got %s"):format(
        base.show(pair[2])))
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
      report(nil, ("%s is missing: %s"):format(name, key.kind.expects), "missing-key")
    end
  end
end

local function check_positions(row, args, report)
  for key, value in pairs(args) do
    local feature = row.grammar == "cpu" and type(value) == "string"
    if math.type(key) == "integer" and key ~= 1 and not feature then
      report(nil, ("no place for %s"):format(base.show(value)))
    elseif type(key) == "string" and not named[row.grammar] then
      report(key, "no such key: it takes " .. (row.grammar == "flag" and "no value" or "one value"),
        "unknown-key")
    end
  end
end

-- report(key | nil, why, code) is called for each problem; a position is key 1. Without a code it
-- is a value that does not fit.
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

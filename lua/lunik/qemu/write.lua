-- SPDX-License-Identifier: MIT
-- From arguments to an entry for core.argv.render, by the grammar of the option's row.
local core = require "lunik.core"
local flat = require "lunik.qemu.flat"
local keys = require "lunik.qemu.keys"
local property = require "lunik.qemu.property"

local write = {}

local ranks = setmetatable({}, { __mode = "k" })

-- The places of a row's first keys.
local function ranks_of(row)
  local rank = ranks[row]
  if not rank then
    rank = {}
    for i, key in ipairs(row.order or {}) do rank[key] = i end
    ranks[row] = rank
  end
  return rank
end

-- Keys that stand first, in the row's order; the others alphabetically.
local function sort(row, list)
  if #list < 2 then return end
  local rank = ranks_of(row)
  for i, pair in ipairs(list) do pair.place, pair.rank = i, rank[pair[1]] or math.huge end
  table.sort(list, function(a, b)
    if a.rank ~= b.rank then return a.rank < b.rank end
    if a[1] ~= b[1] then return a[1] < b[1] end
    return a.place < b.place
  end)
end

local function spelling(row, form, key, props)
  return props and property.spelling(props, key) or keys.spelling(row, form, key)
end

local function spelled(row, args, props)
  local list, form = flat.pairs(row, args), keys.form(row, args)
  for _, pair in ipairs(list) do pair[1] = spelling(row, form, pair[1], props) end
  sort(row, list)
  return list
end

-- The first value as argv.render takes it, for which false means that there is none.
local function first_of(args)
  if type(args[1]) == "boolean" then return args[1] and "on" or "off" end
  return args[1] ~= nil and args[1]
end

local function pairs_entry(flag, row, args, props)
  local entry = { flag, first_of(args), implied = row.implied }
  for _, pair in ipairs(spelled(row, args, props)) do
    if type(pair[2]) == "table" then
      entry[#entry + 1] = pair[2]
    else
      local at = #entry
      entry[at + 1], entry[at + 2] = pair[1], pair[2]
    end
  end
  -- QEMU expects a word behind the option, though it is empty
  if #entry == 2 and entry[2] == false then return { flag, verbatim = "" } end
  return entry
end

-- Whether arguments need JSON: QemuOpts know lists of values, but no nesting.
local function needs_json(row, args)
  if not row.json or row.nested or row.grammar ~= "opts" then return false end
  for key, value in pairs(args) do
    if type(key) == "string" and type(value) == "table" and not value.fd then
      if #value == 0 then return true end
      for _, each in ipairs(value) do
        if type(each) == "table" then return true end
      end
    end
  end
  return false
end

-- The value at `path` for JSON, its names in QEMU's spelling. An empty table is an empty object.
local function nested(row, form, path, value, props)
  if type(value) ~= "table" then return value end
  local out = {}
  for key, each in pairs(value) do
    local whole = ("%s.%s"):format(path, math.type(key) == "integer" and key - 1 or key)
    whole = spelling(row, form, whole, props)
    key = type(key) == "string" and whole:sub(#path + 2) or key
    out[key] = nested(row, form, whole, each, props)
  end
  return out
end

-- Names with their QEMU spelling and values of their types, for JSON.
function write.object(row, args, props)
  local out, form = {}, keys.form(row, args)
  for key, value in pairs(args) do
    local name = key == 1 and row.implied or spelling(row, form, key, props)
    out[name] = nested(row, form, name, property.value(props and props[name], value), props)
  end
  return out
end

local function json_entry(flag, row, args, props)
  local text, why = core.json.encode(write.object(row, args, props))
  if not text then return nil, why end
  return { flag, verbatim = text }
end

local writers = {}

function writers.flag(flag) return { flag } end

function writers.text(flag, _, args) return { flag, verbatim = tostring(args[1]) } end

writers.words, writers.geometry = writers.text, writers.text

function writers.opts(flag, row, args, props)
  if needs_json(row, args) then return json_entry(flag, row, args, props) end
  return pairs_entry(flag, row, args, props)
end

writers.keyval = writers.opts

-- MODEL,+feature,-feature,property=value: the words have no value
function writers.cpu(flag, row, args)
  local text, why = core.argv.render { pairs_entry(flag, row, args) }
  if not text then return nil, why end
  local words = table.concat(args, ",", 2)
  local first, rest = text[2]:match "^([^,]*)(.*)$"
  return { flag, verbatim = first .. (words ~= "" and "," .. words or "") .. rest }
end

-- driver.property=value, verbatim; or its three parts as options
function writers.global(flag, row, args)
  if args[1] then return writers.text(flag, row, args) end
  return pairs_entry(flag, row, args)
end

function writers.set(flag, row, args)
  if args[1] then return writers.text(flag, row, args) end
  return { flag, verbatim = ("%s.%s.%s=%s"):format(args.group, args.id, args.arg, args.value) }
end

local function odd(flag, row, args)
  local text, why = require("lunik.qemu.grammar." .. row.grammar).render(args)
  if not text then return nil, why end
  return { flag, verbatim = text }
end

-- An entry | nil, why; `props` as in qemu.property. It remembers its row and arguments
-- (qemu.together). Grammars that are odd in their own way have a file each.
function write.entry(row, args, props)
  local entry, why = (writers[row.grammar] or odd)("-" .. row.name, row, args, props)
  if not entry then return nil, why end
  entry.row, entry.args, entry.props = row, args, props
  return entry
end

-- The same option in JSON: QEMU makes the devices of one form before those of the other,
-- so that a command line must not mix them.
function write.in_json(entry)
  if entry.verbatim then return entry end
  local out, why = json_entry(entry[1], entry.row, entry.args, entry.props)
  if not out then return nil, why end
  out.row, out.args, out.item = entry.row, entry.args, entry.item
  return out
end

return write

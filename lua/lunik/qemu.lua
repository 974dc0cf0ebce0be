-- SPDX-License-Identifier: MIT
-- QEMU's options: a row each, grouped as QEMU's manual groups them. Building a value
-- touches nothing; the quoting is the C core's (core.argv).
--   { name, grammar, implied = first key, order = keys that come first, once,
--     underscores = keys spelled with one, doc }
local groups = { "standard", "block", "usb", "display", "i386", "network", "character", "boot",
  "debug", "generic" }

local qemu = { rows = {} }

-- Grammars whose value is a list of pairs; what follows any other is one value, or none.
local paired = { opts = true, keyval = true, cpu = true }

for _, group in ipairs(groups) do
  for _, row in ipairs(require("lunik.qemu." .. group)) do
    row.group = group
    row.flag = row.flag or row.grammar == "flag"
    row.plain = row.plain or row.grammar and not row.flag and not paired[row.grammar]
    qemu.rows[row[1]] = row
  end
end

function qemu.names()
  local names = {}
  for name in pairs(qemu.rows) do names[#names + 1] = name end
  table.sort(names)
  return names
end

local real = require "lunik.qemu.underscores"

-- QEMU's spelling of a key: `_` stands for `-`, except where QEMU's own has it.
function qemu.spelling(key, row)
  if real[key] or row and row.underscores and row.underscores[key] then return key end
  return (key:gsub("_", "-"))
end

local function key_order(row, args)
  local keys, rank = {}, {}
  for i, key in ipairs(row.order or {}) do rank[key] = i end
  for key in pairs(args) do
    if type(key) == "string" then keys[#keys + 1] = key end
  end
  table.sort(keys, function(a, b)
    local x, y = rank[qemu.spelling(a, row)] or math.huge, rank[qemu.spelling(b, row)] or math.huge
    if x ~= y then return x < y end
    return a < b
  end)
  return keys
end

-- A descriptor handed over by lunik: `paste` are the pairs a shell would need in its
-- place, `live` those that QEMU gets, where "%d" becomes the number.
function qemu.descriptor(name, paste, live)
  return { fd = name, paste = paste, live = live }
end

local function put(entry, row, key, value)
  if type(value) == "table" and value.fd then
    entry[#entry + 1] = value
  elseif type(value) == "table" then
    for _, each in ipairs(value) do put(entry, row, key, each) end
  else
    local at = #entry
    entry[at + 1], entry[at + 2] = qemu.spelling(key, row), value
  end
end

-- An entry for core.argv.render from a row and its arguments.
function qemu.entry(name, args)
  local row = qemu.rows[name]
  local flag = "-" .. name
  if row.flag then return { flag } end
  if row.plain then return { flag, verbatim = args[1] } end
  local entry = { flag, args[1] or false, implied = row.implied }
  for _, key in ipairs(key_order(row, args)) do put(entry, row, key, args[key]) end
  return entry
end

return setmetatable(qemu, { __index = function(_, name)
  local row = qemu.rows[name]
  if not row then return nil end
  return function(args) return qemu.entry(name, args or {}) end
end })

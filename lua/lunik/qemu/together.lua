-- SPDX-License-Identifier: MIT
-- Holds the options of one command line against each other: ids used twice, references to
-- an id that no option defines, options that QEMU takes only once.
--   list = { { row, args, trusted = its references are right by construction } } in order
--   report(entry, key | nil, why, other entry | nil, code of lunik.verify.codes)
local base = require "lunik.schema.kind"
local flat = require "lunik.qemu.flat"
local keys = require "lunik.qemu.keys"
local kinds = require "lunik.qemu.kind"
local suggest = require "lunik.text.suggest"

local together = {}

-- Name spaces that satisfy a reference: QEMU's drive= takes a block node too, and the reverse.
local spaces = { drive = { "drive", "node" }, node = { "node", "drive" } }

-- The key that names what an option defines.
local function name_key(row) return row.id or "id" end

local function define(defined, entry, report)
  local row, args = entry.row, entry.args
  local key = name_key(row)
  local id = args[key] or args[(key:gsub("-", "_"))]
  if not row.defines or type(id) ~= "string" then return end
  defined[row.defines] = defined[row.defines] or {}
  local before = defined[row.defines][id]
  if before then
    report(entry, key, ("the id %s is used twice"):format(base.show(id)), before, "duplicate-id")
  end
  defined[row.defines][id] = before or entry
end

local function find(defined, space, id)
  for _, each in ipairs(spaces[space] or { space }) do
    if defined[each] and defined[each][id] then return true end
  end
end

local function known(defined, space)
  local names = {}
  for _, each in ipairs(spaces[space] or { space }) do
    for id in pairs(defined[each] or {}) do
      -- a recipe has no business with lunik's own ids
      if not id:find "^lunik%-" then names[#names + 1] = id end
    end
  end
  table.sort(names)
  return names
end

-- All values with their keys: short forms in full, the first value under its name.
local function pairs_of(row, args)
  if row.grammar == "chardev" then
    args = require "lunik.qemu.grammar.chardev".expand(args) or args
  end
  local list = flat.pairs(row, args)
  if args[1] ~= nil and row.implied then list[#list + 1] = { row.implied, args[1] } end
  return list, keys.form(row, args)
end

-- What a key's value names and nobody defines: its name space | nil
local function lacking(defined, row, form, key, value)
  if type(value) ~= "string" then return nil end
  local found = keys.find(row, form, keys.spelling(row, form, key))
  local space = found and (found.ref or found.kind.ref)
  return space and not find(defined, space, value) and space
end

-- Whether all that an entry names is defined beyond doubt; false says nothing.
local function plainly_right(defined, row, form, args)
  if row.grammar == "chardev" then return false end
  for key, value in pairs(args) do
    key = key == 1 and row.implied or key
    if type(value) == "table" or type(key) == "string" and lacking(defined, row, form, key, value)
      then return false end
  end
  return true
end

local function refer(defined, entry, report)
  local row, form = entry.row, keys.form(entry.row, entry.args)
  if plainly_right(defined, row, form, entry.args) then return end
  local list
  list, form = pairs_of(row, entry.args)
  for _, pair in ipairs(list) do
    local space = lacking(defined, row, form, pair[1], pair[2])
    if space then
      local hint = suggest.hint_or_all(pair[2], known(defined, space), 8)
      report(entry, pair[1], ("no %s has the id %s%s"):format(space, base.show(pair[2]), hint),
        nil, "dangling-reference")
    end
  end
end

-- -m and the backend that is the main memory must be of one size, or QEMU refuses to start.
local function memory(list, defined, report)
  local backend, machine, size
  for _, entry in ipairs(list) do
    local name, args = entry.row.name, entry.args
    if name == "machine" then
      backend = args["memory-backend"] or args.memory_backend or backend
      machine = entry
    elseif name == "m" then
      size = args[1] or args.size
    end
  end
  local object = backend and defined.object and defined.object[backend]
  local own = object and kinds.bytes(object.args.size, 0)
  local whole = size and kinds.bytes(size, 20)
  -- -m 0 is the board's own size
  if own and whole and whole > 0 and own ~= whole then
    report(machine, "memory-backend", ("%s has %s, but -m says %s; QEMU wants them equal"):format(
      base.show(backend), object.args.size, size), object, "size")
  end
end

-- Whether an option says accel= of -machine; and by which key, where it has one.
local function says_accel(name, args)
  if name == "enable-kvm" then return true end
  return name == "machine" and args.accel ~= nil, "accel"
end

-- QEMU refuses to start with both.
local function accelerator(list, seen, report)
  for _, entry in ipairs(seen.accel and list or {}) do
    local says, key = says_accel(entry.row.name, entry.args)
    if says then
      report(entry, key, "QEMU takes no -accel beside it", seen.accel, "exclusive")
    end
  end
end

-- `open` says that ids may be defined elsewhere (raw words); nil: where a -readconfig stands.
function together.check(list, report, open)
  local defined, seen = {}, {}
  for _, entry in ipairs(list) do
    define(defined, entry, report)
    local name = entry.row.name
    if entry.row.once and seen[name] then
      report(entry, nil, "stands twice; QEMU takes only the last", seen[name], "repeated-option")
    end
    seen[name] = seen[name] or entry
  end
  if open == nil then open = seen.readconfig ~= nil end
  memory(list, defined, report)
  accelerator(list, seen, report)
  if open then return end
  for _, entry in ipairs(list) do
    if not entry.trusted then refer(defined, entry, report) end
  end
end

return together

-- SPDX-License-Identifier: MIT
-- The builder on its own: a QEMU command line from a table, checked; nothing is touched.
--   command_line.argv { "qemu-system-x86_64", machine = { "q35", accel = "kvm" },
--                       nodefaults = true, device = { { "virtio-net-pci", netdev = "n0" }, … } }
-- A value is an option's first value, its arguments, or a list of arguments where the
-- option repeats. Options are written in the order of QEMU's manual.
local check = require "lunik.schema.check"
local core = require "lunik.core"
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"
local schema = require "lunik.qemu.schema"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"
local together = require "lunik.qemu.together"

local command_line = {}

local deepest = 32              -- tables in tables
local most = 1000000            -- values of one option

local compiled

local function name_of(row, key)
  return "qemu." .. row.name .. (type(key) == "string" and "." .. key or "")
end

local function misplaced(path, key, value, problems)
  check.add(problems, nil, path, ("no place for %s at position %s"):format(kind.show(value),
    tostring(key)))
end

-- Reads a list of tables of arguments; whatever stands beside them is a problem.
local function list_of(row, value, problems)
  local list = {}
  for key, args in pairs(value) do
    local follows = math.type(key) == "integer" and (key == 1 or value[key - 1] ~= nil)
    if follows and type(args) == "table" then
      list[key] = args
    else
      misplaced(name_of(row), key, args, problems)
    end
  end
  return list
end

-- A value of the table as a list of arguments.
local function arguments(row, value, problems)
  if row.grammar == "flag" then
    local on, why = kind.bool.read(value)
    if on == nil then check.add(problems, nil, name_of(row), why) end
    return on and { {} } or {}
  end
  if type(value) ~= "table" then return { { value } } end
  if type(value[1]) == "table" then return list_of(row, value, problems) end
  return next(value) ~= nil and { value } or {}
end

local function unknown(spec, known, problems)
  local names = {}
  for name, value in pairs(spec) do
    if type(name) == "string" then
      if not known[name] then names[#names + 1] = name end
    elseif name ~= 1 or type(value) ~= "string" then
      misplaced("argv", name, value, problems)
    end
  end
  table.sort(names)
  for _, name in ipairs(names) do
    check.add(problems, nil, "qemu." .. name, "no such option" .. suggest.hint(name, qemu.names()))
  end
end

local function collect(spec, problems)
  local list, known = {}, {}
  for _, row in ipairs(qemu.list()) do
    local short = row.name:gsub("-", "_")
    local value = spec[row.name]
    if value == nil then value = spec[short] end
    known[row.name], known[short] = true, true
    for _, args in ipairs(value ~= nil and arguments(row, value, problems) or {}) do
      list[#list + 1] = { row = row, args = args }
      qemu.check(row.name, args, function(key, why)
        check.add(problems, nil, name_of(row, key), why)
      end)
    end
  end
  unknown(spec, known, problems)
  return list
end

local function render(spec, list, problems)
  local entries = { type(spec[1]) == "string" and spec[1] or nil }
  for _, one in ipairs(list) do
    local entry, why = qemu.entry(one.row.name, one.args)
    if not entry then
      check.add(problems, nil, name_of(one.row), why)
    elseif entry.verbatim then
      table.move({ entry[1], entry.verbatim }, 1, 2, #entries + 1, entries)
    else
      entries[#entries + 1] = entry
    end
  end
  if #problems > 0 then return nil, problems end
  local argv, why = core.argv.render(entries)
  if argv then return argv end
  check.add(problems, nil, nil, why)
  return nil, problems
end

-- What is wrong with how `value` is nested, or nil. `open` are the tables around it, and
-- open.n counts all values: tables in many places may be few, and stand for very many.
local function misnested(value, open, depth)
  open.n = open.n + 1
  if open.n > most then return "too many values" end
  if type(value) ~= "table" then return nil end
  if open[value] then return "a table within itself" end
  if depth > deepest then return "tables nested too deep" end
  open[value] = true
  for _, each in next, value do
    local why = misnested(each, open, depth + 1)
    if why then return why end
  end
  open[value] = nil
end

-- Whether all can be walked through.
local function nested(spec, problems)
  for _, name in ipairs(sorted(spec)) do
    local why = misnested(spec[name], { [spec] = true, n = 0 }, 1)
    if why then check.add(problems, nil, "qemu." .. name, why) end
  end
  return #problems == 0
end

-- Does all in Lua what the C core found doubtful: only here are there words for what is wrong.
local function slowly(spec)
  local problems = {}
  if not nested(spec, problems) then return nil, problems end
  local list = collect(spec, problems)
  if #problems > 0 then return nil, problems end
  together.check(list, function(entry, key, why)
    check.add(problems, nil, name_of(entry.row, key), why)
  end)
  return render(spec, list, problems)
end

-- Whether -m and a memory backend must be of one size.
local function sized(spec)
  local machine = spec.machine
  return type(machine) == "table" and (machine["memory-backend"] or machine.memory_backend)
end

-- A list of arguments, or nil and problems (lunik.text prints them).
function command_line.argv(spec)
  compiled = compiled or schema.compile(qemu.list())
  if not sized(spec) then
    local argv = core.options.build(compiled, spec)
    if argv then return argv end
  end
  return slowly(spec)
end

return command_line

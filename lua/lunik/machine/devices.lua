-- SPDX-License-Identifier: MIT
-- Reads the items of a draft: families by their rows, qemu.* by QEMU's, raw as it is;
-- then holds them against each other.
local check = require "lunik.schema.check"
local device = require "lunik.device"
local kind = require "lunik.schema.kind"
local need = require "lunik.machine.need"
local paths = require "lunik.machine.paths"
local plain = require "lunik.schema.plain"
local qemu = require "lunik.qemu"
local scalar = require "lunik.machine.scalar"
local suggest = require "lunik.text.suggest"
local windows = require "lunik.machine.windows"

local devices = {}

local function given_of(entry, context)
  local lines = setmetatable({}, { __index = function(_, name)
    return context.locate(entry, name)
  end })
  return { fields = entry.fields, at = entry.at, lines = lines }
end

-- Which kind of its family the item is; an unknown one is a problem.
local function kind_of(entry, family, given, problems)
  local wanted = entry.fields.kind
  if wanted == nil then return family.kinds[1] end
  local has, why = device.has(entry.word, wanted)
  if has then return wanted end
  local kinds = device.kinds(entry.word)
  check.add(problems, check.line(given, "kind"), entry.word .. ".kind",
    why or ("no %s of kind %s; there are: %s%s"):format(
    entry.word, kind.show(wanted), table.concat(kinds, ", "),
    type(wanted) == "string" and suggest.hint(wanted, kinds) or ""))
end

local function row_problem(out, entry, problems, field, why)
  check.add(problems, field and out.at_of(field) or entry.at, entry.word
    .. (field and "." .. field or ""), why)
end

local function read_device(entry, context, problems)
  local family = device.family(entry.word)
  local given = given_of(entry, context)
  local name = kind_of(entry, family, given, problems)
  if not name then return nil end
  local row, before = device.row(entry.word, name), #problems
  local out = check.fields(row.known, given, entry.word, context, problems)
  out.family, out.kind, out.row, out.at = entry.word, name, row, entry.at
  out.given, out.unwritten = entry.fields, entry.unwritten
  out.at_of = function(field) return check.line(given, field) end
  if row.complete then row.complete(out, context) end
  if row.check and #problems == before then
    local ok, field, why = row.check(out, context)
    if not ok then row_problem(out, entry, problems, field, why) end
  end
  out.broken = #problems > before
  return out
end

-- A qemu.* value, held against its option's row.
local function read_option(entry, context, problems)
  local name, given = entry.word:match "^qemu%.(.*)$", given_of(entry, context)
  local before = #problems
  qemu.check(name, entry.fields, function(key, why, code)
    local named = type(key) == "string"
    check.add(problems, named and check.line(given, key:match "^[^.]+") or entry.at,
      named and entry.word .. "." .. key or entry.word, why).code = code or "bad-value"
  end)
  if #problems > before then return nil end
  local args = paths.place(qemu.rows[name], entry, given, context, problems)
  return { option = name, args = args, at = entry.at,
    at_of = function(key) return check.line(given, key) end }
end

-- A qemu.* value that a hook made for `machine`: { option, args }, or nil.
function devices.option(entry, machine, host, problems)
  return read_option(entry, { locate = function() return nil end, dir = machine.dir, host = host,
    as_written = not machine.defaults }, problems)
end

local function read_raw(entry, _, problems)
  local words = {}
  for _, key in ipairs(plain.keys(entry.fields)) do
    local word = entry.fields[key]
    if math.type(key) ~= "integer" then
      check.add(problems, entry.at, "raw", ("no place for %s: raw takes words"):format(
        kind.show(key)))
    elseif word and (type(word) ~= "string" or word:find "%z") then
      check.add(problems, entry.at, "raw", ("text expected, got %s"):format(kind.show(word)))
    elseif word then
      words[#words + 1] = word
    end
  end
  return { raw = words, at = entry.at }
end

-- What the recipe leaves to do: the command line can be shown, the machine cannot start.
local function read_todo(entry, _, problems)
  check.add(problems, entry.at, "todo", entry.fields[1], "line")
end

local function reader(word)
  if word == "todo" then return read_todo end
  if word == "raw" then return read_raw end
  return word:find "^qemu%." and read_option or read_device
end

local function once(family, list, problems)
  for i = 2, device.family(family).once and #list or 0 do
    check.add(problems, list[i].at, family, "already given at " .. check.place(list[1].at))
  end
end

local function unique(family, list, problems)
  for _, field in ipairs(device.family(family).unique or {}) do
    local seen = {}
    for _, one in ipairs(list) do
      local value = one[field]
      if value and seen[value] then
        check.add(problems, one.at_of(field), family .. "." .. field,
          ("'%s' is already used at %s; give one: %s = \"…\"")
          :format(value, check.place(seen[value].at_of(field)), field))
      end
      if value then seen[value] = one end
    end
  end
end

-- Rules over all items of a family, and over the machine.
local function hold_together(out, machine, problems)
  local by_family, families = {}, { table.unpack(device.families) }
  for _, family in ipairs(families) do by_family[family] = {} end
  for _, one in ipairs(out) do
    if one.family then
      if not by_family[one.family] then families[#families + 1] = one.family end
      by_family[one.family] = by_family[one.family] or {}
      table.insert(by_family[one.family], one)
    end
  end
  for _, family in ipairs(families) do
    local list = by_family[family]
    if list[1] then
      once(family, list, problems)
      unique(family, list, problems)
      local together = device.family(family).together
      if together then together(list, machine, problems) end
    end
  end
end

local function join(out, machine, problems)
  for _, one in ipairs(out) do
    if one.row and one.row.join and not one.broken then
      local ok, field, why = one.row.join(one, machine)
      if not ok then row_problem(one, { word = one.family, at = one.at }, problems, field, why) end
    end
  end
end

-- Who asks something of the machine as a whole: devices, and fields of its own. Each is
-- { needs, at, about }.
local function askers(out, machine)
  local list = {}
  for _, one in ipairs(out) do
    if one.row and not one.broken and one.row.needs then
      list[#list + 1] = { needs = one.row.needs(one, machine), at = one.at, about = one.family,
        kind = one.kind }
    end
  end
  for _, row in ipairs(scalar) do
    local value = machine[row.name]
    if row.needs and value ~= nil then
      list[#list + 1] = { needs = row.needs(value, machine), about = "machine." .. row.name,
                          at = machine.written[row.name] or machine.at }
    end
  end
  return list
end

-- Sums up what they need, and checks each need against the machine.
local function needs(out, machine, problems)
  local list = askers(out, machine)
  machine.needs, machine.asked = {}, {}
  for _, asker in ipairs(list) do
    for name, much in pairs(asker.needs) do
      local before, asked = machine.needs[name], machine.asked[name] or {}
      if much and much ~= 0 then asked[#asked + 1] = asker end
      machine.asked[name] = asked
      machine.needs[name] = type(much) == "number" and (before or 0) + much or before or much
    end
  end
  for _, row in ipairs(need) do
    local much = machine.needs[row.name]
    local why = much and much ~= 0 and row.check and row.check(much, machine)
    for _, asker in ipairs(why and list or {}) do
      if asker.needs[row.name] then
        check.add(problems, asker.at, asker.about, why)
        break
      end
    end
  end
end

local function add_console(draft, machine)
  if not machine.defaults then return end
  for _, entry in ipairs(draft.items) do
    if entry.word == "console" or entry.word == "serial" then return end
  end
  table.insert(draft.items, 1, { word = "console", fields = {}, at = machine.at,
    unwritten = true })
end

-- Whether an entry is nothing but policies, which are read apart (lunik.machine.hooks): it may
-- stand beside another that says what room there is.
local function only_policies(entry)
  local known, some = {}, false
  for _, row in ipairs(device.row("hotplug", "pcie").fields) do known[row[1]] = row.policy end
  for name, value in pairs(entry.fields) do
    some = true
    if not known[name] or type(value) ~= "function" then return false end
  end
  return some
end

-- Leaves out what is only policies where there is room already.
local function one_room(list)
  local rooms = {}
  for i, entry in ipairs(list) do
    if entry.word == "hotplug" then rooms[#rooms + 1] = i end
  end
  for at = #rooms, 1, -1 do
    if #rooms == 1 then return end
    if only_policies(list[rooms[at]]) then
      table.remove(list, rooms[at])
      table.remove(rooms)
    end
  end
end

-- The canonical items of a draft, in order: { family, kind, row, fields… },
-- { option, args } or { raw }.
function devices.read(draft, machine, context, problems)
  local out, counts, in_box = {}, {}, windows.in_box(machine)
  add_console(draft, machine)
  one_room(draft.items)
  windows.add(draft, machine)
  for _, entry in ipairs(draft.items) do
    counts[entry.word] = (counts[entry.word] or 0) + 1
    local about = setmetatable({ index = counts[entry.word], name = machine.name,
      written = entry.fields, as_written = not machine.defaults, in_box = in_box },
      { __index = context })
    local one = reader(entry.word)(entry, about, problems)
    if one then out[#out + 1] = one end
  end
  machine.items = out
  join(out, machine, problems)
  hold_together(out, machine, problems)
  needs(out, machine, problems)
  return out
end

return devices

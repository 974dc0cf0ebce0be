-- SPDX-License-Identifier: MIT
-- Keys of block devices and network backends, by QMP's schema of the installed QEMU: -blockdev and
-- -netdev are its blockdev-add and netdev_add, and -drive takes what its block drivers take.
local core = require "lunik.core"
local keys = require "lunik.qemu.keys"
local schema = require "lunik.verify.schema"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

-- The type of a command's arguments | nil
local function type_of(known, command)
  local section = known:section("command", command)
  return section and section[1][1]
end

-- What people call a member, and how it is called.
local meant = { path = "filename", file = "filename", image = "filename", name = "node-name",
  id = "node-name", format = "driver", readonly = "read-only", ro = "read-only",
  hostfw = "hostfwd" }

local function hint(name, names)
  local set = {}
  for _, each in ipairs(names) do set[each] = true end
  local dashed = name:gsub("_", "-")
  if set[dashed] then return ("; did you mean '%s'?"):format(dashed) end
  if set[meant[name]] then return ("; did you mean '%s'?"):format(meant[name]) end
  return suggest.hint_or_all(name, names, 10)
end

local function below(path, name) return path and path .. "." .. name or name end

-- The names that a type is one of | nil where it is something else.
local function choices(known, id)
  local rows = known:section("type", id)
  if not rows or rows[1][1] ~= "enum" then return nil end
  local list = {}
  for i = 2, #rows do list[#list + 1] = rows[i][1] end
  return list
end

-- The block drivers that QEMU's schema has: a list | nil
local function drivers(known, id)
  local own = (schema.members(known, id) or {}).driver
  return own and choices(known, own.type)
end

-- Why no block driver is called so | nil
local function no_driver(known, id, given)
  local list = type(given) == "string" and drivers(known, id)
  for _, name in ipairs(list or {}) do
    if name == given then return nil end
  end
  return list and ("no block driver '%s'%s"):format(given, suggest.hint(given, list)) or nil
end

-- Members of nested definitions too: found(path, name, names), lacks(path, name), wrong(path, why).
local function walk(known, id, given, path, found, lacks, wrong)
  local have = schema.members(known, id, given)
  if not have then return end
  local why = no_driver(known, id, given.driver)
  if why then return wrong(below(path, "driver"), why) end
  for _, name in ipairs(path and sorted(have) or {}) do
    if given[name] == nil and not have[name].optional then lacks(below(path, name), name) end
  end
  for _, name in ipairs(sorted(given)) do
    local own = have[name]
    local value = given[name]
    if not own then
      found(below(path, name), name, sorted(have))
    elseif type(value) == "table" and value[1] == nil then
      walk(known, schema.object_of(known, own.type), value, below(path, name), found, lacks, wrong)
    end
  end
end

-- The tag's name first: recipes have it in front.
local function tagged(entry, tag)
  local given = {}
  for key, value in pairs(entry.args) do
    if type(key) == "string" then given[key] = value end
  end
  given[tag] = given[tag] or entry.args[1]
  return given
end

local function blockdev(line, entry, report)
  local id, given = type_of(line.known, "blockdev-add"), tagged(entry, "driver")
  if not id then return end
  if given["node-name"] == nil then
    report:add(entry, "node-name", "missing-key", "'node-name' must be given")
  end
  local driver = given.driver
  walk(line.known, id, given, nil, function(path, name, names)
    report:add(entry, path, "unknown-key", ("%s has no key '%s'%s"):format(
      type(driver) == "string" and driver or "it", name, hint(name, names)))
  end, function(path, name)
    if not report:has(entry) then
      report:add(entry, path, "missing-key", ("'%s' must be given"):format(name))
    end
  end, function(path, why) report:add(entry, path, "bad-value", why) end)
end

local function netdev(line, entry, report)
  local id = type_of(line.known, "netdev_add")
  local have = id and schema.members(line.known, id, { type = entry.form })
  for _, name in ipairs(have and sorted(entry.args) or {}) do
    if not have[name] and not keys.find(entry.row, entry.form, name) then
      report:add(entry, name, "unknown-key", ("%s has no key '%s'%s"):format(entry.form or "it",
        name, hint(name, sorted(have))))
    end
  end
end

-- What any block driver takes: one of -drive's keys may be for the format or for what is below it.
local function of_all_drivers(known, id)
  local all, rows = {}, known:section("type", id) or {}
  for i = 2, #rows do
    if rows[i][1] == "member" then all[rows[i][2]] = true end
    if rows[i][1] == "variant" then
      for name in pairs(schema.members(known, rows[i][3]) or {}) do all[name] = true end
    end
  end
  return all
end

local function drive(line, entry, report)
  local id = type_of(line.known, "blockdev-add")
  for _, key in ipairs(id and { "format", "driver" } or {}) do
    local why = no_driver(line.known, id, entry.args[key])
    if why then report:add(entry, key, "bad-value", why) end
  end
  local all = id and of_all_drivers(line.known, id)
  if not all or not next(all) then return end
  for _, name in ipairs(sorted(entry.args)) do
    local head = name:match "^[^.]+"
    local row = keys.find(entry.row, entry.form, name)
    if not row and not all[head] and head ~= "throttling" then
      report:add(entry, name, "unknown-key", ("no such key '%s'%s"):format(name,
        suggest.hint(name, keys.names(entry.row, entry.form))))
    end
  end
end

-- JSON has types, and QEMU wants each member to be of its own.
local of_json = { blockdev = "blockdev-add", object = "object-add" }

local function types(line, entry, report)
  local id = entry.json and of_json[entry.name] and type_of(line.known, of_json[entry.name])
  local given = id and core.json.decode(entry.text)
  if type(given) ~= "table" then return end
  schema.judge(line.known, id, given, nil, function(path, code, why)
    if code == "bad-value" and path then
      report:add(entry, path, code, ("%s: %s"):format(path, why))
    end
  end)
end

local rules = { blockdev = blockdev, netdev = netdev, drive = drive }

return function(line, report)
  if not line.known then return end
  for _, entry in ipairs(line) do
    local rule = entry.args and rules[entry.name]
    if rule then rule(line, entry, report) end
    if entry.args then types(line, entry, report) end
  end
end

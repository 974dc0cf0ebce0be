-- SPDX-License-Identifier: MIT
-- Devices and objects: their drivers and types, properties, and what these take.
local required = require "lunik.verify.required"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"
local value = require "lunik.verify.value"

local device = {}

local own = { driver = true, id = true, bus = true, ["qom-type"] = true }

-- The driver or type that an entry names.
function device.driver(entry)
  local name = entry.args and (entry.args[1] or entry.args.driver or entry.args["qom-type"]
    or entry.args.qom_type)
  return type(name) == "string" and name or nil
end

-- The nearest property: dashes for underscores and the reverse come first.
local function hint(key, rows)
  for _, other in ipairs { (key:gsub("_", "-")), (key:gsub("-", "_")) } do
    if rows[other] then return ("; did you mean '%s'?"):format(other) end
  end
  return suggest.hint(key, sorted(rows))
end

-- What is wrong with properties (given by name), which belong to `name`:
-- calls found(key, code, why).
function device.properties(name, rows, given, json, found)
  for _, key in ipairs(sorted(given)) do
    local row = rows[key]
    if row then
      local why = (json and value.json_problem or value.problem)(row, given[key])
      if why then found(key, "bad-value", why) end
    elseif not own[key] then
      found(key, "unknown-property", ("%s has no property '%s'%s"):format(name, key,
        hint(key, rows)))
    end
  end
end

-- A property's value, however it is spelled.
local function given_of(args, name)
  local given = args[name]
  if given == nil then given = args[(name:gsub("_", "-"))] end
  if given == nil then given = args[(name:gsub("-", "_"))] end
  return given
end

-- Properties that must be there, and ranges that QEMU keeps to itself.
function device.demands(name, given, found)
  for _, one in ipairs(required.properties[name] or {}) do
    local list, there = type(one) == "table" and one or { one }, false
    for _, each in ipairs(list) do there = there or given_of(given, each) ~= nil end
    if not there then
      found(list[1], "missing-key", ("%s needs '%s'"):format(name, table.concat(list, "' or '")))
    end
  end
  for _, one in ipairs(required.useful[name] or {}) do
    if given_of(given, one) == nil then
      found(one, "suspicious", ("%s without '%s' leads nowhere"):format(name, one))
    end
  end
  for key, test in pairs(required.ranges[name] or {}) do
    local number = math.tointeger(tonumber(given_of(given, key)))
    local ok, why = true, nil
    if number then ok, why = test(number) end
    if not ok then found(key, "bad-value", ("%s=%d: %s"):format(key, number, why)) end
  end
  for _, pair in ipairs(required.together[name] or {}) do
    if given_of(given, pair[1]) ~= nil and given_of(given, pair[2]) == nil then
      found(pair[2], "missing-key", ("'%s' needs '%s' beside it"):format(pair[1], pair[2]))
    end
  end
  for key, form in pairs(required.texts[name] or {}) do
    local text = given_of(given, key)
    if type(text) == "string" and not form[text] and not text:find(form[1]) then
      found(key, "bad-value", ("%s expected, got '%s'"):format(form[2], text))
    end
  end
  for key, most in pairs(required.longest[name] or {}) do
    local text = given_of(given, key)
    if type(text) == "string" and #text > most then
      found(key, "bad-value", ("%s has %d bytes, at most %d"):format(key, #text, most))
    end
  end
end

-- Why there is no such driver: code, why.
function device.missing(name, known, kind)
  if kind == "device" and known:section("abstract", name) then
    return "unknown-device", ("'%s' is abstract: no device can be made of it"):format(name)
  end
  local meant = required.meant[name]
  local nearest = meant and known:section(kind, meant) and ("; did you mean '%s'?"):format(meant)
    or suggest.hint(name, known:names(kind))
  return "unknown-" .. kind, ("QEMU %s has no %s '%s'%s"):format(known:version(),
    kind == "device" and "device" or "object type", name, nearest)
end

local first = { device = "driver", object = "qom-type" }

-- Holds a driver or type with its properties against what QEMU knows.
function device.judge(known, kind, name, given, json, found)
  local head = known:head(kind, name)
  if head == false then return found(first[kind], device.missing(name, known, kind)) end
  if head and kind == "device" and head[4] == "" then
    found("driver", "unknown-device", ("'%s' is made by boards only"):format(name))
  end
  local properties = known:properties(kind, name)
  if properties then device.properties(name, properties, given, json, found) end
  if kind == "device" then device.demands(head and head[1] or name, given, found) end
end

-- Whether nothing that QEMU could make is called so: boards, CPUs and accelerators have their names
-- elsewhere.
function device.is_nobody(known, name)
  for _, kind in ipairs { "device", "abstract", "object" } do
    if known:section(kind, name) ~= false then return false end
  end
  return not name:find "%-cpu$" and not name:find "%-accel$" and not name:find "%-machine$"
end

-- -global's driver and property. `there` tells which drivers the machine has.
local function global(entry, known, there, report)
  local driver, name = entry.args.driver, entry.args.property
  if entry.args[1] then driver, name = tostring(entry.args[1]):match "^([^.=]+)%.([^=]+)=" end
  local properties = driver and known:properties("device", driver)
  if driver and device.is_nobody(known, driver) then
    local _, why = device.missing(driver, known, "device")
    report:add(entry, driver, "silent-property", why)
  end
  if properties and name and not properties[name] then
    report:add(entry, name, there(driver) and "unknown-property" or "silent-property",
      ("%s has no property '%s'%s"):format(driver, name, suggest.hint(name, sorted(properties))))
  end
end

-- Cards of -nic and -net nic: drivers, and names of their own for some.
local cards = { "e1000", "e1000e", "i82551", "i82557b", "i82559er", "ne2k_pci", "pcnet", "rtl8139",
  "virtio", "virtio-net-pci", "vmxnet3", "tulip" }
local nick = { virtio = true, help = true, isa = true, none = true }

local function model(entry, line, report)
  local name = entry.args and entry.args.model
  if entry.name == "net" and entry.form ~= "nic" then return end
  if line.arch ~= "x86_64" and line.arch ~= "i386" or type(name) ~= "string" then return end
  if not nick[name] and line.known:section("device", name) == false then
    report:add(entry, "model", "unknown-device", ("QEMU %s has no network card '%s'%s"):format(
      line.known:version(), name, suggest.hint(name, cards)))
  end
end

local checks = setmetatable({}, { __call = function(_, line, report)
  if not line.known then return end
  for _, kind in ipairs { "device", "object" } do
    for _, entry in ipairs(line:all(kind)) do
      local name = device.driver(entry)
      local given = {}
      for key, each in pairs(entry.args or {}) do
        if type(key) == "string" and not own[key] then given[key] = each end
      end
      if name and name ~= "help" then
        device.judge(line.known, kind, name, given, entry.json, function(key, code, why)
          report:add(entry, key, code, why)
        end)
      end
    end
  end
  for _, kind in ipairs { "nic", "net" } do
    for _, entry in ipairs(line:all(kind)) do model(entry, line, report) end
  end
  -- a default that nothing takes is lost in silence; of what is made it is an error
  local function there(driver)
    if required.board[driver] then return true end
    for _, entry in ipairs(line:all "device") do
      if device.driver(entry) == driver then return true end
    end
  end
  for _, entry in ipairs(line:all "global") do
    if entry.args then global(entry, line.known, there, report) end
  end
end, __index = device })

return checks

-- SPDX-License-Identifier: MIT
-- Everything a QEMU tells of itself, as sections for the store:
--   about -              version, package, target, whether KVM is there
--   machine NAME         { real name, most CPUs, default CPU, deprecated, default }, properties
--   device NAME          { real name, bus, "pcie" | "pci" | "both" | "", users make it, what }
--                        and properties
--   object NAME          { } and properties
--   cpu NAME             { deprecated, features that this host lacks }
--   feature -            { } and the properties of a CPU
--   abstract NAME        a type of which no device can be made
--   option NAME          one that -help lists
--   backend KIND         the names that -KIND help lists
--   command, event NAME  { type of its arguments }
--   type ID              of QMP's schema: { what it is, … } and members
-- A property is { name, type, default, choices with "|", description }.
local core = require "lunik.core"
local help = require "lunik.host.caps.help"
local probe = require "lunik.host.caps.probe"
local schema = require "lunik.host.caps.schema"
local untold = require "lunik.host.caps.untold"

-- Words of an enumeration's description that are all the values there are: "on/off/auto",
-- "policy (a/b)", "algorithm, a/b/c".
local function choices(property)
  local said = property.description or ""
  local kind = property.type
  if kind == "bool" or kind == "str" or kind:find "int" then return "" end
  local list = said:match "^[%w_.-]+/[%w_./-]+$" or said:match "%(([%w_.-]+/[%w_./-]+)%)"
    or said:match ", ([%w_.-]+/[%w_./-]+)$"
  return list and list:gsub("/", "|") or ""
end

local function shown(value)
  if value == nil then return "" end
  return type(value) == "table" and core.json.encode(value) or tostring(value)
end

-- PCI's addr takes a number for another thing than the text of that number.
local function type_of(property)
  local slot = (property.description or ""):find "^Slot and optional function"
  return slot and "slot" or property.type
end

local function properties_of(list)
  local rows = {}
  for _, property in ipairs(list) do
    -- QOM's own: the type's name, and parts that are objects
    if property.name ~= "type" and not property.type:find "^child<" then
      rows[#rows + 1] = { property.name, type_of(property), shown(property["default-value"]),
        choices(property), property.description or "" }
    end
  end
  table.sort(rows, function(a, b) return a[1] < b[1] end)
  return rows
end

local function with(first, rows)
  table.insert(rows, 1, first)
  return rows
end

-- A row for each of the names.
local function column(names)
  local rows = {}
  for i, name in ipairs(names) do rows[i] = { name } end
  return rows
end

local function yes(value) return value and "yes" or "" end

-- Takes `name { bus, alias, … }` out of the list of drivers that the monitor prints for people: no
-- command lists aliases, nor which drivers users can make.
local function take_drivers(into, text)
  for name, rest in text:gmatch 'name "([^"]+)"([^\r\n]*)' do
    into.drivers[#into.drivers + 1] = { name = name, bus = rest:match ", bus ([%w_.-]+)" or "",
      made = not rest:find ", no%-user", doc = rest:match ', desc "(.*)"' or "" }
    local alias = rest:match ', alias "([^"]+)"'
    if alias then into.aliases[alias] = name end
  end
end

local function names_into(set)
  return function(list)
    for _, each in ipairs(list) do set[each.name] = true end
  end
end

local function take_schema(into, list)
  for _, entry in ipairs(list) do
    local meta = entry["meta-type"]
    if meta == "command" or meta == "event" then
      into.add(meta, entry.name, { { entry["arg-type"] } })
    else
      into.add("type", entry.name, schema(entry))
    end
  end
end

local function take_models(into, list)
  for _, model in ipairs(list) do
    into.add("cpu", model.name, { { yes(model.deprecated), model["alias-of"] or "",
      table.concat(model["unavailable-features"] or {}, ",") } })
    into.models[#into.models + 1] = model.typename
  end
end

-- What is asked first: lists, and all that is in one piece.
local function first_questions(into)
  local function type_list(implements, abstract, take)
    return { "qom-list-types", { implements = implements, abstract = abstract }, take = take }
  end
  return {
    { "query-version", take = function(answer) into.version = answer end },
    { "query-target", take = function(answer) into.target = answer.arch end },
    { "query-kvm", take = function(answer) into.kvm = answer.present end },
    { "query-machines", take = function(list) into.machines = list end },
    { "query-cpu-definitions", take = function(list) take_models(into, list) end },
    { "human-monitor-command", { ["command-line"] = "info qdm" },
      take = function(text) take_drivers(into, text) end },
    type_list("pci-express-device", false, names_into(into.pcie)),
    type_list("conventional-pci-device", false, names_into(into.pci)),
    type_list("device", true, names_into(into.abstract)),
    type_list("user-creatable", false, names_into(into.objects)),
    { "query-qmp-schema", take = function(list) take_schema(into, list) end },
  }
end

local function slots(into, name)
  local pci, pcie = into.pci[name], into.pcie[name]
  return pci and pcie and "both" or pcie and "pcie" or pci and "pci" or ""
end

local function machine_questions(into, list)
  for _, machine in ipairs(into.machines or {}) do
    local function add(rows)
      for _, name in ipairs { machine.name, machine.alias } do
        into.add("machine", name, with({ machine.name, shown(machine["cpu-max"]),
          machine["default-cpu-type"] or "", yes(machine.deprecated), yes(machine["is-default"]) },
          table.move(rows, 1, #rows, 1, {})))
      end
    end
    list[#list + 1] = { "qom-list-properties", { typename = machine.name .. "-machine" },
      name = machine.name .. "-machine", help = { "-machine", machine.name .. ",help" },
      take = function(answer) add(properties_of(answer)) end }
  end
end

local function device_question(into, driver, aliases)
  local head = { driver.name, driver.bus, slots(into, driver.name), yes(driver.made), driver.doc }
  return { "device-list-properties", { typename = driver.name }, name = driver.name,
    help = { "-device", driver.name .. ",help" }, head = head, kind = "device",
    take = function(answer)
      local rows = properties_of(answer)
      for _, name in ipairs { driver.name, table.unpack(aliases or {}) } do
        into.add("device", name, with(head, table.move(rows, 1, #rows, 1, {})))
      end
    end }
end

local function device_questions(into, list)
  local names = {}
  for alias, real in pairs(into.aliases) do
    names[real] = names[real] or {}
    table.insert(names[real], alias)
  end
  for _, driver in ipairs(into.drivers) do
    local question = device_question(into, driver, names[driver.name])
    if driver.name:find "%-cpu$" then
      -- a CPU has the features of all, hundreds of them
      into.add("device", driver.name, { question.head, { "?" } })
    else
      list[#list + 1] = question
    end
  end
end

local function object_questions(into, list)
  for name in pairs(into.objects) do
    list[#list + 1] = { "qom-list-properties", { typename = name }, name = name, kind = "object",
      help = { "-object", name .. ",help" },
      take = function(answer) into.add("object", name, with({ name }, properties_of(answer))) end }
  end
end

-- The features of CPUs: x86 has one set for all models, which `max` shows; others have their own.
local function feature_questions(into, list)
  local all = into.target ~= "x86_64" and into.target ~= "i386"
  for _, name in ipairs(into.models) do
    if all or name:find "^max%-" then
      list[#list + 1] = { "device-list-properties", { typename = name }, name = name,
        take = function(answer)
          for _, row in ipairs(properties_of(answer)) do into.features[row[1]] = row end
        end }
    end
  end
end

-- Takes what help tells of those that would end QEMU, each in a process of its own; what tells
-- nothing either stays known by its name alone.
local function take_apart(into, questions)
  for _, question in ipairs(questions) do
    local list = question.read()
    if #list > 0 then question.take(list)
    elseif question.kind then
      into.add(question.kind, question.name, { question.head or { question.name }, { "?" } })
    end
  end
end

local function second_questions(into)
  local all, safe, apart = {}, {}, {}
  machine_questions(into, all)
  device_questions(into, all)
  object_questions(into, all)
  feature_questions(into, all)
  for _, question in ipairs(all) do
    local list = untold.fatal[question.name] and apart or safe
    list[#list + 1] = question
  end
  return safe, apart
end

local function add_features(into)
  local names, rows = {}, { {} }
  for name in pairs(into.features) do names[#names + 1] = name end
  table.sort(names)
  for i, name in ipairs(names) do rows[i + 1] = into.features[name] end
  into.add("feature", "-", rows)
end

local function new()
  local into = { sections = {}, drivers = {}, aliases = {}, pcie = {}, pci = {}, abstract = {},
    objects = {}, models = {}, features = {} }
  into.add = function(kind, name, rows)
    into.sections[#into.sections + 1] = { kind, name, rows }
  end
  return into
end

local function add_about(into)
  local version = into.version and into.version.qemu or {}
  into.add("about", "-", { { ("%s.%s.%s"):format(version.major, version.minor, version.micro),
    into.version and into.version.package or "", into.target or "", yes(into.kvm) } })
  for name in pairs(into.abstract) do into.add("abstract", name, {}) end
end

local function begin_apart(path, questions)
  for _, question in ipairs(questions) do question.read = help.properties(path, question.help) end
end

-- All over QMP: what is to be asked apart | nil, why
local function ask(path, into)
  local ok, why = probe.ask(path, first_questions(into))
  if not ok then return nil, why end
  local safe, apart = second_questions(into)
  begin_apart(path, apart)
  ok, why = probe.ask(path, safe)
  local fatal = {}
  for _, question in ipairs(safe) do
    if question.fatal then fatal[#fatal + 1] = question end
  end
  begin_apart(path, fatal)
  table.move(fatal, 1, #fatal, #apart + 1, apart)
  if ok then return apart end
  for _, question in ipairs(apart) do question.read(true) end
  return nil, why
end

-- path -> sections | nil, why.
return function(path)
  local into, lists = new(), help.lists(path)
  local apart, why = ask(path, into)
  local options, backends = lists(not apart)
  if not apart then return nil, why end
  take_apart(into, apart)
  add_features(into)
  for _, name in ipairs(options) do into.add("option", name, {}) end
  for kind, names in pairs(backends) do into.add("backend", kind, column(names)) end
  add_about(into)
  return into.sections
end

-- SPDX-License-Identifier: MIT
-- Holds a machine against the QEMU of this host: drivers, object types and boards that it does
-- not have, and properties that those do not have. What is wrong here may be right on another
-- host, so these are lacks. An option whose driver is known gets `props`, a table from property
-- to type, by which its keys are spelled. Where nobody can be asked all stays as written.
local budget = require "lunik.schema.budget"
local check = require "lunik.schema.check"
local keys = require "lunik.qemu.keys"
local property = require "lunik.qemu.property"
local qemu = require "lunik.qemu"
local scalar = require "lunik.machine.scalar"
local sorted = require "lunik.text.sorted"
local suggest = require "lunik.text.suggest"

local caps = {}

local function set(names)
  local out = {}
  for name in names:gmatch "%S+" do out[name] = true end
  return out
end

-- Options whose keys are the properties of what they name, but for their `own`. -machine hands
-- some of its own to the accelerator.
local options = {
  device = { kind = "device", own = set "driver id bus" },
  object = { kind = "object", own = set "qom-type id" },
  machine = { kind = "machine",
    own = set "type accel kernel-irqchip kvm-shadow-mem igd-passthru memory-backend" },
}

local words = { device = "device", object = "object type", machine = "machine type",
                display = "display" }

-- The codes of what is not there.
local absent = { device = "unknown-device", object = "unknown-object", machine = "unknown-machine",
                 display = "not-built" }

-- Displays that are no backend of their own, or QEMU's to choose.
local chosen = { none = true, default = true }

local function of_option(item, machine)
  local name = keys.form(qemu.rows[item.option], item.args)
  if item.option == "machine" then name = name or machine.type end
  return { kind = options[item.option].kind, name = name, at = item.at, item = item,
    path = "qemu." .. item.option }
end

-- The driver and property that -global names. It is no problem where the driver is not there: the
-- default is then for nobody.
local function of_global(item)
  local driver, name = item.args.driver, item.args.property
  if item.args[1] then driver, name = tostring(item.args[1]):match "^([^.=]+)%.([^=]+)=" end
  return { kind = "device", name = driver, property = name, at = item.at, may_lack = true,
    path = "qemu.global" }
end

local function of_fields(list, rows, values, at_of, path)
  for _, field in ipairs(rows) do
    local value = values[field.name]
    local settled = value == nil or value == field.default or field.names == "display"
                    and chosen[value]
    if field.names and not settled then
      list[#list + 1] = { kind = field.names, name = value, at = at_of(field.name),
        path = path .. "." .. field.name }
    end
  end
end

-- Where the screen is shown: modules of QEMU's, installed or not.
local function of_display(list, item)
  local name = item.args[1]
  if type(name) == "string" and not chosen[name] then
    list[#list + 1] = { kind = "display", name = name, at = item.at, path = "qemu.display" }
  end
end

-- What in the machine names something that QEMU has to have:
-- { kind, name, at, path, item | nil, property | nil }.
local function mentions(machine)
  local list = {}
  for _, item in ipairs(machine.items) do
    if options[item.option] then
      list[#list + 1] = of_option(item, machine)
    elseif item.option == "global" then
      list[#list + 1] = of_global(item)
    elseif item.option == "display" then
      of_display(list, item)
    elseif item.row then
      of_fields(list, item.row.known, item, item.at_of, item.family)
    end
  end
  local function at_of(name) return machine.written[name] end
  local written = {}
  for name in pairs(machine.written) do written[name] = machine[name] end
  of_fields(list, scalar, written, at_of, "machine")
  return list
end

-- What QEMU knows of what a mention names: property -> type | false: no such | nil: it cannot tell.
local function known_of(mention, known)
  if type(mention.name) ~= "string" then return nil end
  if mention.kind == "display" then
    local list = known:backends "display"
    if #list == 0 then return nil end
    for _, name in ipairs(list) do
      if name == mention.name then return {} end
    end
    return false
  end
  local properties = known:properties(mention.kind, mention.name)
  if not properties then return properties end
  return setmetatable({}, { __index = function(types, name)
    local row = properties[name]
    types[name] = row and row[2]
    return row and row[2]
  end, __pairs = function()
    local types = {}
    for name, row in pairs(properties) do types[name] = row[2] end
    return next, types
  end })
end

local function no_property(mention, props, key)
  return ("%s has no such property%s"):format(mention.name, suggest.hint(key, sorted(props)))
end

-- The keys of an option against the properties of what it names.
local function hold(mention, props, lacks)
  local item, own = mention.item, options[mention.item.option].own
  item.props = props
  for _, key in ipairs(sorted(item.args)) do
    local dashed = key:gsub("_", "-")
    if not own[dashed] and not property.spelling(props, key) then
      check.add(lacks, item.at_of(key), mention.path .. "." .. key,
        no_property(mention, props, dashed), "host").code = "unknown-property"
    end
  end
end

local function missing(mention, known)
  local kind, name = mention.kind, mention.name
  local names = kind == "display" and known:backends "display" or known:names(kind)
  if kind ~= "display" then
    return ("no %s '%s'%s"):format(words[kind], name, suggest.hint(name, names))
  end
  local module = qemu.rows.display.by[name] and ": its module is not installed here" or ""
  return ("no display '%s'%s%s"):format(name, module, suggest.hint_or_all(name, names, 8))
end

local function judge(mention, known, lacks)
  budget.at(mention.at)
  local props = known_of(mention, known)
  if props == false and not mention.may_lack then
    check.add(lacks, mention.at, mention.path, missing(mention, known), "host").code =
      absent[mention.kind]
  elseif props and mention.item then
    hold(mention, props, lacks)
  elseif props and mention.property and not props[mention.property] then
    check.add(lacks, mention.at, mention.path, ("%s: %s"):format(mention.property,
      no_property(mention, props, mention.property)), "host").code = "silent-property"
  end
end

local function ask(machine, host)
  if not host.caps then return nil, "nobody to ask" end
  local name = machine.qemu or "qemu-system-" .. machine.arch
  local path = host.program(name)
  if not path then return nil, ("no %s here"):format(name) end
  return host.caps(path)
end

-- Adds to machine.lacks and machine.notes. `host` is as in lunik.host.
function caps.check(machine, host)
  local list = mentions(machine)
  if #list == 0 then return end
  local known, why = ask(machine, host)
  if not known then
    machine.notes[#machine.notes + 1] =
      ("names that are QEMU's to know are taken as written: %s"):format(why)
    return
  end
  for _, mention in ipairs(list) do judge(mention, known, machine.lacks) end
  check.sort(machine.lacks)
end

return caps

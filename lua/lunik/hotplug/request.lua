-- SPDX-License-Identifier: MIT
-- What somebody wants plugged, held against the rows of its family and against the running
-- machine, and shown to the recipe's policies: they see it first, and edit or refuse it.
local check = require "lunik.schema.check"
local device = require "lunik.device"
local host = require "lunik.host"
local need = require "lunik.machine.need"
local option = require "lunik.hotplug.option"
local printable = require "lunik.text.printable"
local slice = require "lunik.async.slice"
local suggest = require "lunik.text.suggest"

local request = {}

local PATIENCE = 30        -- seconds for a policy

local function copy(fields)
  local out = {}
  for key, value in pairs(fields) do out[key] = value end
  return out
end

local function pluggable()
  local names = {}
  for _, name in ipairs(device.families) do
    local family = device.family(name)
    for _, each in ipairs(family.kinds) do
      if device.row(name, each).plug then
        names[#names + 1] = name
        break
      end
    end
  end
  return names
end

local function row_of(name, kind)
  local family = type(name) == "string" and device.family(name)
  if not family then
    local names = pluggable()
    return nil, ("no family '%s'; there are: %s, and QEMU's device, chardev, object, netdev and "
      .. "blockdev%s"):format(tostring(name), table.concat(names, ", "),
      suggest.hint(tostring(name), names))
  end
  for _, each in ipairs(family.kinds) do
    if each == (kind or family.kinds[1]) then
      local row = device.row(name, each)
      if row.plug then return row end
      return nil, ("%s: %s"):format(name, row.no_plug or "cannot come while the machine runs")
    end
  end
  return nil, ("%s.kind: no %s of kind '%s'; there are: %s%s"):format(name, name, tostring(kind),
    table.concat(family.kinds, ", "), suggest.hint(tostring(kind), family.kinds))
end

-- What the row asks of the machine must have been there at its start.
local function unmet(vm, row, item)
  local needs = row.needs and row.needs(item, vm.plan) or {}
  for _, each in ipairs(need) do
    if needs[each[1]] and each.late and not vm.plan.needs[each[1]] then
      local why = each.late(vm)
      if why then return why end
    end
  end
end

local function told(problems)
  local lines = {}
  for i, problem in ipairs(problems) do lines[i] = check.text(problem) end
  return table.concat(lines, "\n")
end

-- Fields of a command line are text, which their kinds know to read.
local function parse(row, fields)
  for _, field in ipairs(row.known) do
    local value = fields[field[1]]
    if type(value) == "string" and field.kind.parse then
      fields[field[1]] = field.kind.parse(value)
    end
  end
end

-- The checked item of a family's fields | nil, why
local function checked(vm, name, fields, options)
  vm.hotplug.count = vm.hotplug.count + 1
  if option.is(name) then return option.read(vm, name, copy(fields), vm.hotplug.count) end
  local row, why = row_of(name, fields.kind)
  if not row then return nil, why end
  local context = { host = host,
                    dir = options.dir or vm.plan.dir or "/", name = vm.plan.name, written = fields,
                    index = "p" .. vm.hotplug.count, running = true }
  local problems = {}
  if options.text then parse(row, fields) end
  local item = check.fields(row.known, { fields = fields }, name, context, problems)
  if #problems > 0 then return nil, told(problems) end
  item.family, item.kind, item.row = name, row.kind, row
  if row.complete then row.complete(item, context) end
  local ok, field
  ok, field, why = true, nil, nil
  if row.check then ok, field, why = row.check(item, context) end
  if not ok then return nil, ("%s%s: %s"):format(name, field and "." .. field or "", why) end
  why = unmet(vm, row, item)
  if why then return nil, ("%s: %s"):format(name, why) end
  return item
end

-- What a policy is shown: the fields as they were read, and a mount's real path.
local function shown(item, fields, port)
  local out = { family = item.family, kind = item.kind, port = port, real = item.from }
  if not item.row.known then return setmetatable(copy(fields), { __index = out }) end
  for _, row in ipairs(item.row.known) do out[row[1]] = item[row[1]] end
  return out
end

-- The fields after a policy: what it left alone is as it was asked for.
local function edited(answer, item, fields)
  if not item.row.known then return copy(answer), answer.port end
  local out = {}
  for _, row in ipairs(item.row.known) do
    local name = row[1]
    if answer[name] == item[name] then out[name] = fields[name] else out[name] = answer[name] end
  end
  return out, answer.port
end

-- Asks one policy: fields, port | nil, why
local function ask(vm, policy, item, fields, port)
  local view = shown(item, fields, port)
  local ok, answer, why = slice.call(vm.loop, PATIENCE, policy.fn, vm, view)
  if not ok then return nil, ("%s: the policy failed: %s"):format(policy.at or "?", answer) end
  if answer == nil or answer == false then
    return nil, ("refused by the policy at %s: %s"):format(policy.at or "?",
                                                           tostring(why or "no reason given"))
  end
  return edited(type(answer) == "table" and answer or view, item, fields)
end

local function read(vm, family, fields, options)
  local port = fields.port
  fields.port = nil
  local item, why = checked(vm, family, fields, options)
  for _, policy in ipairs(item and vm.hotplug.policies or {}) do
    if policy.family == family or policy.family == "any" then
      local left
      left, why = ask(vm, policy, item, fields, port)
      if not left then return nil, why end
      port = why
      fields = left
      item, why = checked(vm, family, fields, options)
      if not item then return nil, ("after the policy at %s: %s"):format(policy.at or "?", why) end
    end
  end
  if not item then return nil, why end
  return item, port
end

-- Reads a request: the checked item, and the name of the port that it is to have | nil, why.
-- options: text, the fields' values are words of a command line; dir, where their paths begin, in
-- place of the recipe's folder.
function request.read(vm, family, fields, options)
  local item, why = read(vm, family, fields, options)
  if item then return item, why end
  return nil, printable(why, "\n\t")
end

return request

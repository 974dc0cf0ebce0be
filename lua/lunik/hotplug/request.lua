-- SPDX-License-Identifier: MIT
-- Reads what somebody wants plugged: it is held against the rows of its family and against the
-- running machine, and shown to the recipe's policies, which edit or refuse it.
local check = require "lunik.schema.check"
local device = require "lunik.device"
local forked = require "lunik.device.forked"
local host = require "lunik.host"
local need = require "lunik.machine.need"
local option = require "lunik.hotplug.option"
local printable = require "lunik.text.printable"
local suggest = require "lunik.text.suggest"

local request = {}

local function copy(fields)
  local out = {}
  for key, value in pairs(fields) do out[key] = value end
  return out
end

-- The families of which something can come while a machine runs.
function request.families()
  local names = {}
  for _, name in ipairs(device.all()) do
    for _, each in ipairs(device.kinds(name)) do
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
    local names = request.families()
    return nil, ("no family '%s'; there are: %s, and QEMU's %s%s"):format(tostring(name),
      table.concat(names, ", "), option.listed, suggest.hint(tostring(name), names)), "invalid"
  end
  kind = kind or family.kinds[1]
  local has, why = device.has(name, kind)
  if has then
    local row = device.row(name, kind)
    if row.plug then return row end
    return nil, ("%s: %s"):format(name, row.no_plug or "cannot come while the machine runs"),
      "unsupported"
  end
  local kinds = device.kinds(name)
  why = why or ("no %s of kind '%s'; there are: %s%s"):format(name, tostring(kind),
    table.concat(kinds, ", "), suggest.hint(tostring(kind), kinds))
  return nil, ("%s.kind: %s"):format(name, why), "invalid"
end

-- Says what the row asks of the machine that was not there at its start | nil
local function unmet(context, row, item)
  local needs = row.needs and row.needs(item, context.plan) or {}
  for _, each in ipairs(need) do
    if needs[each.name] and each.late and not context.plan.needs[each.name] then
      local why = each.late(context, needs[each.name])
      if why then return why end
    end
  end
end

local function told(problems)
  local lines = {}
  for i, problem in ipairs(problems) do lines[i] = check.text(problem) end
  return table.concat(lines, "\n")
end

-- Fields of a command line are text, which their kinds know to read: true | nil, why
local function parse(row, name, fields)
  for _, field in ipairs(row.known) do
    local text = fields[field.name]
    if type(text) == "string" and field.kind.parse then
      local value, why = field.kind.parse(text)
      if why then return nil, ("%s.%s: %s"):format(name, field.name, why) end
      fields[field.name] = value
    end
  end
  return true
end

-- The item of a row, of which every field is right by itself and beside the others | nil, why
local function read_fields(row, name, fields, reading)
  local problems = {}
  local item = check.fields(row.known, { fields = fields }, name, reading, problems)
  if #problems > 0 then return nil, told(problems) end
  item.family, item.kind, item.row = name, row.kind, row
  if row.complete then row.complete(item, reading) end
  if not row.check then return item end
  local ok, field, why = row.check(item, reading)
  if ok then return item end
  return nil, ("%s%s: %s"):format(name, field and "." .. field or "", why)
end

-- The checked item of a family's fields, which no policy has been asked about | nil, why, code
function request.check(context, name, fields, options)
  local plan = context.plan
  local number, dir = options.number or 1, options.dir or plan.dir or "/"
  if option.is(name) then
    return option.read(context, name, copy(fields), number,
      { dir = dir, host = host, sandboxed = plan.sandboxed })
  end
  local row, why, code = row_of(name, fields.kind)
  if not row then return nil, why, code end
  why = options.text and select(2, parse(row, name, fields))
  if why then return nil, why, "invalid" end
  local item
  item, why = read_fields(row, name, fields, {
    host = host, dir = dir, name = plan.name, written = fields,
    index = "p" .. number, running = true, saved = context.incoming and plan.saved or nil })
  if not item then return nil, why, "invalid" end
  why = unmet(context, row, item)
  if why then return nil, ("%s: %s"):format(name, why), "unsupported" end
  return item
end

-- Shows a policy the fields as they were read, and a mount's real path.
local function shown(item, fields, port)
  local out = { family = item.family, kind = item.kind, port = port, real = item.from }
  if not item.row.known then return setmetatable(copy(fields), { __index = out }) end
  for _, row in ipairs(item.row.known) do out[row.name] = item[row.name] end
  return out
end

-- The fields after a policy: what it left alone is as it was asked for.
local function edited(answer, item, fields)
  if not item.row.known then return copy(answer) end
  local out = {}
  for _, row in ipairs(item.row.known) do
    local name = row.name
    if answer[name] == item[name] then out[name] = fields[name] else out[name] = answer[name] end
  end
  return out
end

-- Asks one policy: what it wants in place of `view` | nil, why, code
local function ask(context, policy, view)
  local at = policy.at or "?"
  local ok, answer, why = context.decide(policy, view)
  if not ok then return nil, ("%s: the policy failed: %s"):format(at, answer), "failed" end
  if answer then return type(answer) == "table" and answer or view end
  local unsaid = answer == nil and "it returned nothing, and `return true` lets a request pass"
    or "no reason given"
  return nil, ("refused by the policy at %s: %s"):format(at, tostring(why or unsaid)), "refused"
end

local function concerns(policy, family) return policy.family == family or policy.family == "any" end

-- Why what a saved machine had cannot be in a clone of it | nil
local function no_clone(context, item)
  local asked = context.incoming and context.plan.saved and context.plan.saved.fork
  if not asked then return nil end
  local why
  if item.row.known then
    why = forked.refusal(item, asked)
    why = why and ("%s: %s"):format(item.family, why)
  else
    why = require "lunik.plan.fork".option(item.family, item.args, { host = host, dir = "/" })
  end
  return why and "it cannot be forked: " .. why
end

local function read(context, family, fields, options)
  local port = fields.port
  fields.port = nil
  local item, why, code = request.check(context, family, fields, options)
  for _, policy in ipairs(item and context.policies or {}) do
    if concerns(policy, family) then
      local answer
      answer, why, code = ask(context, policy, shown(item, fields, port))
      if not answer then return nil, why, code end
      fields, port = edited(answer, item, fields), answer.port
      item, why, code = request.check(context, family, fields, options)
      if not item then
        return nil, ("after the policy at %s: %s"):format(policy.at or "?", why), code
      end
    end
  end
  why = item and no_clone(context, item) or why
  if not item or why then return nil, why, code or "unsupported" end
  return item, port
end

-- Holds an item that no fields stand for against the machine: it | nil, why, code. A recipe that
-- decides about its family is not gone around.
function request.made(context, item)
  for _, policy in ipairs(context.policies or {}) do
    if concerns(policy, item.family) then
      return nil, ("the recipe decides about each %s"):format(item.family), "refused"
    end
  end
  local why = unmet(context, item.row, item)
  if why then return nil, ("%s: %s"):format(item.family, why), "unsupported" end
  return item
end

-- Reads a request: the checked item, and the name of the port that it is to have | nil, why, code.
-- options: text, the fields' values are words of a command line; dir, where their paths begin, in
-- place of the recipe's folder; number, for an id that is made ("usb-p1").
function request.read(context, family, fields, options)
  local item, port, code = read(context, family, fields, options)
  if item then return item, port end
  return nil, printable(port, "\n\t"), code
end

return request

-- SPDX-License-Identifier: MIT
-- A checked machine as plain data that JSON can carry: what another reading of its recipe is held
-- against, in whatever process. It says of each item what it is called, its fields as they were
-- read, as they were written (to ask for it again), and why it could not come while a machine runs.
-- The code of hooks and policies is there as a digest of what it does and of what it closes over.
local check = require "lunik.schema.check"
local digest = require "lunik.change.digest"
local need = require "lunik.machine.need"
local scalar = require "lunik.machine.scalar"
local shape = require "lunik.store.shape"
local sorted = require "lunik.text.sorted"

local outline = {}

-- The same value with text for names, and without what is no data; a table of both positions and
-- names, which JSON has not, becomes text.
local function data(value, texts)
  if type(value) == "function" then return digest.of(value, texts) end
  if type(value) ~= "table" then return value end
  local names = sorted(value)
  if value[1] ~= nil and #names > 0 then return digest.text(value) end
  local out = {}
  for key, each in pairs(value) do
    out[value[1] ~= nil and key or tostring(key)] = data(each, texts)
  end
  return out
end

local function scalars(machine)
  local values, written = {}, {}
  for _, row in ipairs(scalar) do
    values[row.name] = data(machine[row.name])
    written[row.name] = machine.written[row.name] ~= nil or nil
  end
  values.topology = data(machine.topology)
  return values, written
end

-- What it asks of the machine as a whole and cannot have later: names of needs.
local function needs(item, machine)
  local list, asked = {}, item.row.needs and item.row.needs(item, machine) or {}
  for _, row in ipairs(need) do
    if row.late and asked[row.name] then list[#list + 1] = row.name end
  end
  return list[1] and list or nil
end

-- Why it could not come while a machine runs | nil. `context` is as a row's check has it.
local function fixed(item, context)
  local row = item.row
  if not row.plug then return row.no_plug or "cannot come while the machine runs" end
  if not context or not row.check then return nil end
  local about = setmetatable({ written = item.given or {} }, { __index = context })
  local ok, _, why = row.check(item, about)
  return not ok and why or nil
end

local function device(item, machine, context)
  local fields, names, texts = {}, {}, machine.raw.context.texts
  for i, row in ipairs(item.row.known) do
    fields[row.name], names[i] = data(item[row.name], texts), row.name
  end
  return { family = item.family, kind = item.kind, name = item.id or item.tag, fields = fields,
           order = names, given = data(item.given, texts), needs = needs(item, machine),
           fixed = fixed(item, context), mac = item.mac }
end

local function other(item)
  local option = item.option or "raw"
  return { family = item.option and "qemu." .. option or "raw", fields = {},
           name = item.args and item.args.id or nil,
           text = digest.text(item.args or item.raw),
           fixed = "is an option of QEMU's command line" }
end

local function items(machine, context)
  local list = {}
  for _, item in ipairs(machine.items) do
    local one = item.row and device(item, machine, context) or other(item)
    one.at = check.place(item.at)
    list[#list + 1] = one
  end
  return list
end

-- What the steps of a provision {} are, in their order | nil
local function steps(hook, texts)
  local list = hook.steps and {}
  for i, step in ipairs(hook.steps or {}) do
    list[i] = step.fn and digest.of(step.fn, texts) or { step.run or false, step.file or false }
  end
  return list
end

local function hooks(machine)
  local list, texts = {}, machine.raw.context.texts
  for i, hook in ipairs(machine.hooks) do
    list[i] = { point = hook.point, at = hook.at,
                digest = digest.text { digest.of(hook.fn, texts), hook.seconds, hook.dir,
                                       steps(hook, texts) } }
  end
  return list
end

-- The outline of a machine (lunik.machine). With a context { host }, its devices are checked as if
-- they came while a machine runs.
function outline.of(machine, context)
  local values, written = scalars(machine)
  local running = context and { host = context.host, dir = machine.dir, name = machine.name,
                                running = true }
  return { name = machine.name, dir = machine.dir, scalars = values, written = written,
           items = items(machine, running), hooks = hooks(machine), needs = data(machine.needs) }
end

local text, plain = shape.text, shape.plain
local map = shape.map(plain)
-- Forms (lunik.store.shape) of a forward, and of an item.
outline.forward = shape.object({ name = shape.shown, protocol = shape.shown, address = shape.shown,
                               port = shape.integer, guest = shape.integer }, {})
local forwards = shape.list(outline.forward)

local function fields(value, at, wrong)
  local out = map(value, at, wrong)
  if out and out.forward ~= nil then
    out.forward = forwards(out.forward, at .. ".forward", wrong)
  end
  return out
end

outline.item = shape.object({ family = text, fields = fields }, { kind = text, name = text,
  order = shape.list(text), given = map, needs = shape.list(text), fixed = shape.shown,
  mac = text, text = text, at = shape.shown, hot = shape.boolean, dir = text })

local HOOK = shape.object({ point = text, digest = text }, { at = shape.shown })

local FORMS = { name = text, dir = text, scalars = map, written = map,
                items = shape.list(outline.item), hooks = shape.list(HOOK), needs = map }

-- The outline in data of anybody's | nil, where it is
function outline.read(value)
  local out, wrong = shape.read(FORMS, value)
  for _, name in ipairs(out and sorted(FORMS) or {}) do
    wrong = wrong or out[name] == nil and name or nil
  end
  if out and not wrong then return out end
  return nil, wrong and "outline." .. wrong or "outline"
end

return outline

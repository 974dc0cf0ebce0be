-- SPDX-License-Identifier: MIT
-- From the text of an imported recipe to its command line, by the same road that any recipe
-- takes: checked, planned, rendered. Only the recipe's surroundings are less: it holds
-- nothing but constructors, so one environment serves a whole batch, and an item's line is
-- its number.
local core = require "lunik.core"
local item = require "lunik.item"
local machine = require "lunik.machine"
local plan = require "lunik.plan"
local qemu = require "lunik.qemu"
local scalar = require "lunik.scalar"

local render = {}

local counter

local function constructor(word)
  return function(fields)
    counter = counter + 1
    return item.new(word, fields, { { file = "import", line = counter } })
  end
end

local constructors = setmetatable({}, { __index = function(made, name)
  made[name] = qemu.rows[name] and constructor("qemu." .. name)
  return made[name]
end })

local environment = { machine = constructor "machine", raw = constructor "raw",
  qemu = constructors }

local function nowhere() return nil end

-- The command line of a recipe and what it lacks, or nil and problems; `at` counts the items.
function render.argv(text, host, dir)
  counter = 0
  local made = assert(load(text, "=import", "t", environment))()
  local raw = { item = item.open(made), dir = dir, host = host, locate = nowhere }
  local built, problems = machine.new(raw)
  if not built then return nil, problems end
  built, problems = plan.build(built, host)
  if not built then return nil, problems end
  local argv, why = built:command "paste"
  if not argv then return nil, { { why = why } } end
  return argv, built.lacks
end

-- The same for a few lines of a recipe, in a batch: a field's line and an option's line are
-- what they are whatever stands around them. What machine and plan would do to them is done
-- here, and no more: checked, made an entry, rendered. nil when anything is wrong: then it is
-- machine and plan who say what.

local bare = { qemu = setmetatable({}, { __index = function(made, name)
  made[name] = function(fields) return { name, fields } end
  return made[name]
end }) }

local wrong

local function report() wrong = true end

local function add(list, entry)
  if not entry then wrong = true
  elseif entry.verbatim then list[#list + 1], list[#list + 2] = entry[1], entry.verbatim
  else list[#list + 1] = entry end
end

local function add_fields(list, values)
  local sink = { add = function(_, entry) add(list, entry) end, needed = nowhere }
  for _, row in ipairs(scalar) do
    if row.emit and values[row[1]] ~= nil then row.emit(sink, values, values[row[1]]) end
  end
end

local function canonical(fields, context)
  local values = { named = true }
  for _, row in ipairs(scalar) do
    local value = fields[row[1]]
    if value ~= nil then
      values[row[1]] = row.kind.read(value, context)
      if values[row[1]] == nil then wrong = true end
    end
  end
  return values
end

-- fields: text of a machine's fields; options: text of qemu.* items. The words of both in order.
function render.lines(fields, options, context)
  local chunk = ("return {\n%s\n}, {\n%s\n}"):format(fields, options)
  local values, items = assert(load(chunk, "=import", "t", bare))()
  local list = {}
  wrong = false
  add_fields(list, canonical(values, context))
  for _, each in ipairs(items) do
    qemu.check(each[1], each[2], report)
    if wrong then return nil end
    add(list, qemu.entry(each[1], each[2]))
  end
  return not wrong and core.argv.render(list) or nil
end

return render

-- SPDX-License-Identifier: MIT
-- From the text of an imported recipe to its command line, by the same road that any recipe
-- takes: checked, planned, rendered. Such a recipe holds nothing but constructors, so one
-- environment serves a whole batch, and an item's line is its number.
local core = require "lunik.core"
local item = require "lunik.schema.item"
local machine = require "lunik.machine"
local plan = require "lunik.plan"
local qemu = require "lunik.qemu"
local scalar = require "lunik.machine.scalar"

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

local function nowhere() return nil end
local function nothing() return {} end

-- A default is what it was in the script, whatever the environment has here. What is no option of
-- the command line that is imported is left out at first: only so each item can be held against it.
local environment = { machine = constructor "machine", raw = constructor "raw",
  qemu = constructors, env = nowhere, tonumber = tonumber, todo = nothing }

-- The command line of a recipe and what it lacks, or nil and problems; `at` counts the items.
-- `whole`: with what lunik has in the place of an option.
function render.argv(text, host, dir, whole)
  counter = 0
  environment.console = whole and constructor "console" or nothing
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

-- Renders a few lines of a recipe, for a batch: what a line means does not depend on those around
-- it. Only what machine and plan would do to them is done: check, make an entry, render.

local bare = { qemu = setmetatable({}, { __index = function(made, name)
  made[name] = function(fields) return { name, fields } end
  return made[name]
end }) }

local function add(list, entry)
  if entry.verbatim then list[#list + 1], list[#list + 2] = entry[1], entry.verbatim
  else list[#list + 1] = entry end
end

local function canonical(fields, context, problems)
  local values = { named = true }
  for _, row in ipairs(scalar) do
    local name = row.name
    if fields[name] ~= nil then
      local why
      values[name], why = row.kind.read(fields[name], context)
      if values[name] == nil then
        problems[#problems + 1] = { path = "machine." .. name, why = why }
      end
    end
  end
  return values
end

local function add_fields(list, values)
  local sink = { add = function(_, entry) add(list, entry) end, needed = nowhere }
  for _, row in ipairs(scalar) do
    if row.emit and values[row.name] ~= nil then row.emit(sink, values, values[row.name]) end
  end
end

local function add_option(list, name, args, problems, number)
  local before = #problems
  local function report(key, why)
    problems[#problems + 1] = { at = { { line = number } }, why = why,
      path = type(key) == "string" and ("qemu.%s.%s"):format(name, key) or nil }
  end
  qemu.check(name, args, report)
  if #problems > before then return end
  local entry, why = qemu.entry(name, args)
  if entry then add(list, entry) else report(nil, why) end
end

-- fields: text of a machine's fields; options: text of qemu.* items. The words of both in
-- order, or nil and problems whose `at` counts the items.
function render.lines(fields, options, context)
  local chunk = ("return {\n%s\n}, {\n%s\n}"):format(fields, options)
  local values, items = assert(load(chunk, "=import", "t", bare))()
  local list, problems = {}, {}
  add_fields(list, canonical(values, context, problems))
  for i, each in ipairs(items) do add_option(list, each[1], each[2], problems, i) end
  if #problems > 0 then return nil, problems end
  local argv, why = core.argv.render(list)
  return argv, { { why = why } }
end

return render

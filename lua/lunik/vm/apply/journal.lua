-- SPDX-License-Identifier: MIT
-- What has become of a machine since its start by its recipe: an outline of what runs, the files
-- that were read for it, the steps of the last time and how far each has come. It lies in the
-- runtime directory, is written before each step and after it, and is read back by whoever adopts
-- the machine as if anybody had written it.
local core = require "lunik.core"
local portable = require "lunik.store.portable"
local printable = require "lunik.text.printable"
local records = require "lunik.store.records"
local shape = require "lunik.store.shape"
local sorted = require "lunik.text.sorted"
local stat = require "posix.sys.stat"

local journal = {}

-- A machine whose recipe is never applied has no use for it.
local function outline() return require "lunik.change.outline" end

local OLDER = "the machine was started by lunik run, or by an earlier lunik: apply is for one that "
  .. "lunik up has started"

local function path(vm) return vm.plan.runtime .. "/apply.json" end

local STATES = { waiting = true, doing = true, done = true, undone = true, failed = true }

local function state(value, at, wrong)
  if STATES[value] then return value end
  shape.bad(at, wrong)
end

local function item(...) return outline().item(...) end
local function forward(...) return outline().forward(...) end

local STEP = shape.object({ kind = shape.text, text = shape.shown, state = state }, {
  item = item, forward = forward, amount = shape.integer, after = shape.integer,
  why = shape.shown })

-- A file's text, of any bytes.
local function bytes(value, at, wrong)
  local text = portable.bytes(value)
  if type(text) == "string" then return text end
  shape.bad(at, wrong)
end

local FILES = shape.list(shape.object({ path = shape.text, text = bytes }, {}))

-- { path, text } each, in data of anybody's | nil, where it is none
function journal.files(value)
  local wrong = {}
  local list = FILES(value, "files", wrong)
  if wrong[1] then return nil, wrong[1] end
  return list
end

local VARIABLES = shape.list(shape.object({ name = shape.text }, { value = bytes }))

-- The variables of an environment, { name, value } each, in data of anybody's: values by name,
-- false where one is not set | nil, where it is none
function journal.variables(value)
  local wrong, out = {}, {}
  local list = VARIABLES(value, "env", wrong)
  if wrong[1] then return nil, wrong[1] end
  for _, one in ipairs(list) do out[one.name] = one.value or false end
  return out
end

local FORMS = { outline = shape.plain, over = shape.boolean, waits = shape.list(shape.shown),
                steps = shape.list(STEP),
                files = FILES, env = VARIABLES }

-- The same as a list of { name, value }.
local function variables(env)
  local list = {}
  for i, name in ipairs(sorted(env or {})) do
    list[i] = { name = name, value = env[name] or nil }
  end
  return list
end

local function write(vm, self)
  local object = { lunik = 1, over = self.over, outline = self.outline, steps = {},
                   waits = core.json.array(self.waits), files = core.json.array {} }
  for i, step in ipairs(self.steps) do
    local one = {}
    for key in pairs { kind = 1, text = 1, state = 1, item = 1, forward = 1, amount = 1, after = 1,
                       why = 1 } do one[key] = step[key] end
    object.steps[i] = one
  end
  for i, file in ipairs(self.files or {}) do object.files[i] = file end
  object.env = core.json.array(variables(self.env))
  local text, why = core.json.encode(portable.encode(object))
  if not text then return nil, "apply.json: " .. why end
  return records.write(path(vm), text .. "\n")
end

-- Writes it down: true | nil, why
function journal.write(vm, self)
  vm.applied = self
  return write(vm, self)
end

-- What was written down of it | nil, where nothing has been applied, why
local function read(vm)
  if not stat.stat(path(vm)) then return nil end
  local object, why = records.object(path(vm))
  if not object then return nil, why end
  local found, wrong = shape.read(FORMS, object)
  local at
  found.outline, at = outline().read(found.outline or {})
  if wrong or at then
    return nil, ("apply.json: %s is not what it should be"):format(wrong or at)
  end
  found.steps, found.waits = found.steps or {}, found.waits or {}
  found.env = found.env and journal.variables(found.env)
  return found
end

-- What has been applied | nil, where nothing has; as status shows it, too. Read once.
function journal.of(vm)
  if vm.applied == nil then
    local found, why = read(vm)
    if why then vm:tell("problem", why) end
    vm.applied = found or false
  end
  return vm.applied or nil
end

-- The last time as `lunik status --json` has it | nil. `vm` may be no more than a plan's runtime
-- directory, of a machine that nobody can ask.
function journal.shown(vm)
  local found = journal.of(vm)
  if not found then return nil end
  local array = core.json.array
  local out = { state = found.over and "over" or found.runs and "running" or "interrupted",
                steps = array {}, waits = array { table.unpack(found.waits) } }
  for i, step in ipairs(found.steps) do
    out.steps[i] = { text = step.text, state = step.state, why = step.why and printable(step.why) }
  end
  return out
end

-- The outline of what runs, as far as its recipe is concerned: that of the last time, else of the
-- start | nil, why, code
function journal.outline(vm)
  local found = journal.of(vm)
  if found then return found.outline end
  local kept = require "lunik.recipe.snapshot".of_directory(vm.plan.runtime)
  if not kept or not kept.outline then return nil, OLDER, "unsupported" end
  local read_back, wrong = outline().read(kept.outline)
  if read_back then return read_back end
  return nil, ("snapshot: %s is not what it should be"):format(wrong), "failed"
end

return journal

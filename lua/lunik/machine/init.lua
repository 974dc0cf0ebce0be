-- SPDX-License-Identifier: MIT
-- From what a recipe returned to a machine: fields canonical (bytes, seconds, absolute
-- paths), devices complete, everything held against everything. All problems at once.
local accelerator = require "lunik.machine.accelerator"
local check = require "lunik.schema.check"
local compose = require "lunik.machine.compose"
local device = require "lunik.device"
local devices = require "lunik.machine.devices"
local extensions = require "lunik.extensions"
local fit = require "lunik.machine.fit"
local hooks = require "lunik.machine.hooks"
local kind = require "lunik.schema.kind"
local memory = require "lunik.machine.memory"
local merge = require "lunik.machine.merge"
local processor = require "lunik.machine.processor"
local readiness = require "lunik.machine.readiness"
local ready = require "lunik.machine.ready"
local scalar = require "lunik.machine.scalar"
local suggest = require "lunik.text.suggest"
local windows = require "lunik.machine.windows"

local machine = {}

local function unknown_scalar(entry, known, problems)
  local why = "no such field" .. suggest.hint(entry.name, known)
  if device.family(entry.name) then
    why = ("not a field: write %s { … } among the machine's values"):format(entry.name)
  end
  check.add(problems, entry.at, "machine." .. entry.name, why).code = "unknown-field"
end

-- Reads the scalars that were written, last one wins.
local function written(draft, context, problems)
  local rows, values, at = {}, {}, {}
  for _, row in ipairs(scalar) do rows[row.name] = row end
  for _, entry in ipairs(draft.scalars) do
    local row = rows[entry.name]
    if not row then
      unknown_scalar(entry, check.names(scalar), problems)
    else
      local value = entry.value
      if entry.parse and row.kind.parse then value = row.kind.parse(value) end
      local canonical, why = row.kind.read(value, context)
      if canonical == nil then
        check.add(problems, entry.at, "machine." .. entry.name, why).code = "bad-value"
      end
      values[entry.name], at[entry.name] = canonical, entry.at
    end
  end
  return values, at
end

-- Adds defaults; a field that could not be read keeps its problem and gets none.
local function with_defaults(values, at, context, notes, problems)
  values.folder = context.dir:match "[^/]+$" or "machine"
  local all = values.defaults ~= false
  for _, row in ipairs(scalar) do
    local name = row.name
    if values[name] == nil and not at[name] and row.default ~= nil and (all or row.always) then
      local note
      values[name] = row.default
      if type(row.default) == "function" then
        values[name], note = row.default(values, context.host)
      end
      if note then notes[#notes + 1], context.chosen[name] = note, note end
    end
  end
  local _, why = scalar[1].kind.read(values.name, context)
  if values.name and not at.name and why then
    check.add(problems, context.at, "machine.name", "the recipe's folder does not make a name: "
      .. why)
  end
  values.named = all or values.name ~= nil
  values.name = values.name or values.folder:gsub("[^%w._-]", "-"):sub(1, kind.longest_name)
end

local function host_checks(values, at, context, problems)
  for _, row in ipairs(scalar) do
    if at[row.name] and values[row.name] ~= nil and row.check then
      local why = row.check(values, context.host)
      if why then check.add(problems, at[row.name], "machine." .. row.name, why, "host") end
    end
  end
end

-- What extensions check: each is called with the machine and say(item | nil, field | nil, why), and
-- says what is wrong with an item, with its field, with a field of the machine's or with the whole.
local function checked_by_extensions(out, at, problems)
  local function say(item, field, why)
    local place = item and field and item.at_of(field) or item and item.at or field and at[field]
    local path = { item and (item.family or "qemu." .. tostring(item.option)) or "machine", field }
    check.add(problems, place or out.at, table.concat(path, "."), tostring(why))
  end
  for _, name in ipairs(extensions.claimed "checks") do
    local row, why = extensions.row("checks", name)
    local ok, raised = true, nil
    if row then ok, raised = pcall(row.check, out, say) end
    if not ok then
      why = ("the check '%s' of the extension '%s': %s"):format(name, row.extension, raised)
    end
    if why then check.add(problems, out.at, "machine", why) end
  end
end

local function settle_windows(values, at, notes, problems)
  local ok, why = windows.settle(values, notes)
  if ok then return end
  check.add(problems, at.windows, "machine.windows", why)
  values.windows = nil
end

-- raw (recipe.load) -> machine, or nil and all problems. options.set = { cpus = "2" };
-- options.tb_size bounds what TCG keeps of translated code, in MiB; options.images are copies that
-- stand for images, by their paths.
-- The machine: its scalars by name; items = devices and qemu options in order; hooks;
-- written = the places of the scalars that the recipe gives; chosen = why defaults are what they
-- are; configured = the hooks that set scalars; merged = options that count with them; notes;
-- lacks = problems that only this host has, and what is left to do: the command line can be shown
-- in spite of them.
function machine.new(raw, options)
  local problems, notes = {}, {}
  local context = { host = raw.host, dir = raw.dir, at = raw.item.at, locate = raw.locate,
    chosen = {}, saved = options and options.saved, ready = ready }
  local draft = compose.draft(raw, options and options.set or {}, problems)
  local values, at = written(draft, context, problems)
  values.asked_accel = accelerator.asked(draft)
  with_defaults(values, at, context, notes, problems)
  host_checks(values, at, context, problems)
  processor.settle(values)
  settle_windows(values, at, notes, problems)
  memory.settle(values)
  local out = values
  out.tb_size, out.images = options and options.tb_size, options and options.images
  out.dir, out.notes, out.at, out.written = context.dir, notes, raw.item.at, at
  out.chosen, out.configured, out.merged = context.chosen, draft.configured or {}, {}
  -- before items are read, which leaves out what is only policies
  out.hooks, out.policies = hooks.read(draft, context, problems), hooks.policies(draft)
  hooks.judge(out.hooks, problems)
  out.items = devices.read(draft, out, context, problems)
  out.items = merge(out, problems)
  fit.options(out, context.host, problems)
  if out.firmware or out.windows or out.arch == "aarch64" then
    require "lunik.machine.firmware".settle(out, context.host, problems)
  end
  readiness(out, at, problems)
  checked_by_extensions(out, at, problems)
  check.sort(problems)
  local lacks, wrong = {}, {}
  for _, problem in ipairs(problems) do
    local list = problem.about and lacks or wrong
    list[#list + 1] = problem
  end
  if #wrong > 0 then return nil, problems end
  out.lacks = lacks
  return out
end

return machine

-- SPDX-License-Identifier: MIT
-- Makes a running machine what its recipe says now, as far as it can be while it runs. What comes
-- comes first, and is undone when a step fails; what goes, goes last, and the guest is asked before
-- anything is done. Each step is written down (lunik.vm.apply.journal) before it is carried out.
local change = require "lunik.change"
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local files_of = require "lunik.vm.apply.files"
local journal = require "lunik.vm.apply.journal"
local need = require "lunik.machine.need"
local order = require "lunik.vm.apply.order"
local outline = require "lunik.change.outline"
local room = require "lunik.vm.apply.room"
local shown = require "lunik.change.shown"
local steps = require "lunik.vm.apply.steps"

local apply = {}

local SHARE = { "from", "to", "readonly", "owner" }

-- What is known of the running machine that its outline does not say (lunik.change).
local function state_of(vm)
  local state = { devices = {}, network = (vm.plan.networks or {})[1], cpus = vm.sizes.cpus,
                  ready = vm.context.ready }
  for _, device in ipairs(vm.hotplug:list()) do
    local known = { leaves = device.state == "unplugging" }
    state.devices[("%s %s"):format(device.family, device.label)] = known
    local share = vm.hotplug:find(device.id).share
    if share then
      known.share = { kind = share.type }
      for _, name in ipairs(SHARE) do known.share[name] = share[name] end
    end
  end
  function state.late(name)
    for _, row in ipairs(need) do
      local asked = row.name == name and row.late and not vm.plan.needs[name]
      if asked then return row.late(vm.hotplug.context) end
    end
  end
  return state
end

-- What was being done when a supervisor died, and has been done all the same, counts.
local function resume(vm, runs)
  local before = journal.of(vm)
  for _, step in ipairs(before and before.steps or {}) do
    local row = steps.kinds[step.kind]
    local known = step.state == "doing" and row and step[row.about]
    if known and row.is_done(vm, step) then
      row.settle(runs, step)
      step.state = "done"
    end
  end
end

local function told(entry)
  return { sign = entry.sign, what = entry.what, at = entry.at, text = shown.line(entry),
           fate = entry.fate, why = entry.why, details = core.json.array(entry.details) }
end

-- Asks the guest of each device that is to go whether it can do without: whoever it cannot do
-- without is refused.
local function ask_guest(vm, changes)
  for _, entry in ipairs(changes) do
    local leaving = entry.step and (entry.step[1] == "unplug" and entry.step[2]
                                    or entry.step[1] == "replace" and entry.step[3])
    local device = leaving and steps.device(vm, leaving)
    local ok, why, code = true, nil, nil
    if device then ok, why, code = vm.hotplug:spares(device.id) end
    if not ok then entry.fate, entry.why, entry.step, entry.code = "refused", why, nil, code end
  end
end

local function first_refused(changes)
  for _, entry in ipairs(changes) do
    if entry.fate == "refused" then return shown.line(entry), entry.code or "refused" end
  end
end

-- Carries one step out, written down before and after: true | nil, why, code
local function carry(vm, record, step, force)
  local row = steps.kinds[step.kind]
  step.state = "doing"
  local ok, why = journal.write(vm, record)
  if not ok then return nil, why, "failed" end
  local code
  ok, why, code = row.act(vm, step, force)
  step.state, step.why = ok and "done" or "failed", why
  if ok then row.settle(record.outline, step) end
  journal.write(vm, record)
  return ok, ("%s: %s"):format(step.text, why), code
end

-- Takes back what was done before the step that has failed, that one's half included, last first:
-- what could not be taken back, as texts.
local function undo(vm, record, failed)
  local left = {}
  for i = failed, 1, -1 do
    local step = record.steps[i]
    local row = steps.kinds[step.kind]
    local half = step.state == "failed" and step.ids
    if step.state == "done" or half then
      local ok, why = row.undo(vm, step)
      if ok and not half then row.unsettle(record.outline, step) end
      if ok then step.state = "undone" else left[#left + 1] = step.text .. ": " .. why end
      journal.write(vm, record)
    end
  end
  return left
end

local function undone(why, left)
  if #left == 0 then return why .. "; what was done before is undone" end
  return ("%s\nand undoing what was done before: %s"):format(why, table.concat(left, "; "))
end

-- Carries the steps out: true, what has failed of what goes | nil, why, code
local function carry_out(vm, record, force)
  local failures = {}
  for i, step in ipairs(record.steps) do
    local ok, why, code = carry(vm, record, step, force)
    if not ok and not order.is_last(step) then
      return nil, undone(why, undo(vm, record, i)), code
    elseif not ok then
      failures[#failures + 1] = { why = why, code = code }
    end
  end
  return true, failures
end

-- What was asked, checked: an outline, and what its recipe was read from, { files, env } | nil, why
local function read(asked)
  local wanted, wrong = outline.read(asked.outline)
  if not wanted then return nil, wrong .. ": not what an outline has there" end
  local files, place = journal.files(asked.files or {})
  if not files then return nil, place .. ": a path and its text expected" end
  local env
  env, place = journal.variables(asked.env or {})
  if not env then return nil, place .. ": a name and its value expected" end
  return wanted, { files = files, env = env }
end

local function waiting(changes)
  local list = {}
  for _, entry in ipairs(changes) do
    if entry.fate == "restart" then list[#list + 1] = shown.line(entry) end
  end
  return list
end

-- What is carried out, and the record of it.
local function recorded(vm, runs, wanted, changes, adopted, state, source)
  local before = journal.of(vm)
  local record = { outline = runs, files = before and before.files,
                   env = before and before.env, over = false, runs = true,
                   waits = waiting(changes),
                   steps = order.steps(changes, { runs = runs.dir, wanted = wanted.dir }) }
  runs.items = change.there(runs, state)
  for _, item in ipairs(adopted) do
    item.hot = true
    runs.items[#runs.items + 1] = item
  end
  record.after = source
  if record.steps[1] then record.steps[1].source = source end     -- functions come first
  return record
end

local function work(vm, record, answer, options)
  local ok, failures, code = carry_out(vm, record, options.force)
  if not ok then
    record.over = true
    journal.write(vm, record)
    return nil, failures, code
  end
  record.over = true
  if #failures == 0 then record.files, record.env = record.after.files, record.after.env end
  ok, failures.why = journal.write(vm, record)
  if not ok then return nil, failures.why, "failed" end
  if #failures == 0 then return answer end
  local words = {}
  for i, each in ipairs(failures) do words[i] = each.why end
  return nil, table.concat(words, "\n"), failures[1].code
end

local function answer_of(changes, applied)
  local list = core.json.array {}
  for i, entry in ipairs(changes) do list[i] = told(entry) end
  return { changes = list, applied = applied }
end

-- Whether something is to be written down though nothing is to be done: the last time came to no
-- end, or the files say the same in other words.
local function unread(vm)
  local before = journal.of(vm)
  return before and not before.over or files_of.changed(vm) ~= nil
end

-- What there is to do, once nobody is at a device any more: what runs, changes, the items adopted
-- by the recipe, the state of the machine | nil, why, code
local function compare(vm, wanted, force)
  vm.hotplug:rest()
  local runs, why, code = journal.outline(vm)
  if not runs then return nil, why, code end
  resume(vm, runs)
  local state = state_of(vm)
  local changes, adopted = change.between(runs, wanted, state)
  if not force then ask_guest(vm, changes) end
  room.ask(vm, changes, wanted.dir)
  return runs, changes, adopted, state
end

local function run(vm, wanted, source, asked)
  local _ <close> = defer(function() vm.applying = nil end)
  local runs, changes, adopted, state = compare(vm, wanted, asked.force)
  if not runs then return nil, changes, adopted end
  if asked.dry_run then return answer_of(changes, false) end
  local why, code = first_refused(changes)
  if why then return nil, why .. "; nothing is changed", code end
  if #changes + #adopted == 0 and not unread(vm) then return answer_of(changes, true) end
  local record = recorded(vm, runs, wanted, changes, adopted, state, source)
  return work(vm, record, answer_of(changes, true), asked)
end

-- Makes the machine what an outline says: { changes, applied } | nil, why, code. asked: outline,
-- files ({ path, text } of what was read for it), env ({ name, value } of the variables), dry_run,
-- force.
function apply.run(vm, asked)
  local why, code = vm:hindered()
  if why then return nil, why, code end
  local wanted, source = read(asked)
  if not wanted then return nil, source, "invalid" end
  if vm.applying then return nil, "the recipe is just being applied", "busy" end
  vm.applying = true
  -- to its end, whatever becomes of whoever asked for it
  local task = vm.loop:spawn("apply", run, vm, wanted, source, asked)
  local ran, value
  ran, value, why, code = task:join()
  if not ran then error(value, 0) end
  return value, why, code
end

return apply

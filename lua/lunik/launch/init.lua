-- SPDX-License-Identifier: MIT
-- Carries out a plan: directories, files, helpers, QEMU paused, its commands, the
-- hooks of `started`, go. It is a transaction: whatever step fails, everything before
-- it is taken back in reverse, and nothing stays behind.
local defer = require "lunik.async.defer"
local unistd = require "posix.unistd"
local context = require "lunik.launch.context"
local errno = require "posix.errno"
local clean = require "lunik.store.clean"
local limits = require "lunik.process.limits"
local orphans = require "lunik.process.orphans"
local directory = require "lunik.store.directory"
local locks = require "lunik.store.locks"
local pointer = require "lunik.store.pointer"
local prepare = require "lunik.launch.prepare"
local records = require "lunik.store.records"
local undo = require "lunik.process.undo"

local launch = {}

local LINES = 16           -- of what QEMU has said last, that are looked at

local ENDING = 2           -- seconds for whoever is just giving a machine up

-- The directories made for `path` are removed when they are empty, and so are those that
-- a dead machine left: `path` and the one that all machines share.
local function undo_directories(ctx, path, made)
  local list = table.move(made, 1, #made, 1, {})
  table.move({ directory.parent(path), path }, 1, 2, #list + 1, list)
  for _, dir in ipairs(list) do
    ctx.started:push("remove " .. dir, function()
      local ok, why, code = unistd.rmdir(dir)
      if ok or code == errno.ENOTEMPTY or code == errno.ENOENT then return true end
      return nil, why
    end)
  end
end

-- Whether a machine runs without a supervisor. Helpers hold it locked too, and one that hangs
-- outlives its QEMU.
local function lives(record)
  local qemu = records.started(record) and record.qemu
               and orphans.open(record.qemu.pid, record.id)
  if qemu then qemu.proc:close() end
  return qemu and true
end

local function leftovers(record)
  return records.started(record) and "QEMU is gone: ending what it has left"
         or "ending what an unfinished start has left"
end

-- What a start that was never finished has left, or a QEMU, is in nobody's way. Whoever is just
-- giving the machine up may take so many `seconds`.
local function claimed(ctx, seconds)
  local function finish(record) return orphans.finish(ctx.loop, record.id) end
  local mine, why, orphan = locks.claim(ctx.plan, finish)
  if orphan and orphan.problem then orphan = nil end
  local hopeless = orphan and lives(orphan) or not orphan and not seconds
  if mine or hopeless then return mine, why end
  if orphan then
    ctx.tell("state", leftovers(orphan))
    local ok, problem = finish(orphan)
    if not ok then return nil, problem end
  end
  return locks.claim(ctx.plan, finish, seconds or ENDING)
end

-- Names what is in a directory and not lunik's, and stays there.
local function tell_left(ctx, left, folder)
  if not left or #left == 0 then return end
  ctx.tell("problem", ("%s stays: lunik has not written %s"):format(folder,
    table.concat(left, ", ")))
end

-- Has the claim given up at the end, and then the directories removed that are empty.
local function undo_claim(ctx, mine)
  undo_directories(ctx, ctx.plan.runtime, mine.made)
  if mine.made_state then undo_directories(ctx, ctx.plan.state, mine.made_state) end
  ctx.started:push("give up " .. ctx.plan.runtime, function()
    local ok, why, left = locks.yield(ctx.plan, mine)
    tell_left(ctx, left, ctx.plan.runtime)
    return ok, why
  end)
end

local function claim(ctx)
  local mine, why = claimed(ctx)
  if not mine then return nil, why end
  ctx.claim = mine
  undo_claim(ctx, mine)
  if mine.note then ctx.tell("note", mine.note) end
  for _, text in ipairs(ctx.plan.told or {}) do ctx.tell("note", text) end
  limits.tell(ctx)
  local ok
  ok, why = pointer.write(ctx.plan, ctx.id)
  if not ok then return nil, why end
  return ctx.intend "files and helpers"
end

local function dead_helper(ctx)
  for _, each in ipairs(ctx.helpers) do
    if each.ended:is_set() then
      return ("helper %s: %s"):format(each.name, each:describe())
    end
  end
end

-- What QEMU has said last, at the line of the recipe that it speaks of | nil
local function at_line(ctx, cause)
  local lines = ctx.qemu and ctx.qemu.ended:is_set() and ctx.qemu:last_lines(LINES) or {}
  return lines[1] and ctx.where(lines, cause)
end

-- A helper that died takes QEMU with it: its own words come first, and so do the line of the recipe
-- that QEMU speaks of, and what it does not know of its trouble.
local function because(ctx, why)
  local first = dead_helper(ctx)
  if not first then
    first = require "lunik.vm.cause".of(ctx.plan, why)
    first = at_line(ctx, first) or first
  end
  return nil, first and first .. "\n" .. why or why
end

local function start_qemu(ctx)
  local qemu = require "lunik.launch.qemu"
  local ok, why = ctx.intend "qemu"
  if not ok then return nil, why end
  ctx.qemu, why = qemu.start(ctx)
  if not ctx.qemu then return nil, why end
  ok, why = ctx.intend "handshake"
  ctx.meanwhile()
  if ok then ctx.monitor, why = qemu.greet(ctx, ctx.qemu, ctx.helpers) end
  if ctx.monitor then ok, why = qemu.configure(ctx, ctx.monitor) end
  if ctx.monitor and ok then ctx.forwards, why = qemu.forwards(ctx, ctx.monitor) end
  if ctx.forwards then return true end
  return because(ctx, why)
end

-- A start that is cancelled has nobody to answer to: it tells what was not taken back.
local function telling(ctx)
  return defer(function()
    for _, failure in ipairs(ctx.started.failures) do ctx.tell("problem", failure) end
  end)
end

-- Takes everything back now, so that what could not be is part of the reason.
local function taken_back(started, why)
  local failures = started:run()
  started.failures = {}
  if #failures == 0 then return why end
  return why .. "\nand taking it back: " .. table.concat(failures, "; ")
end

-- A dead supervisor's undo, as far as it matters: processes end, the directory goes. One that has
-- just been killed cannot be spoken to any more a moment before its lock is free.
local function reclaim(ctx)
  local mine, why = locks.reclaim(ctx.plan, ENDING)
  if not mine then return nil, why end
  ctx.claim = mine
  undo_claim(ctx, mine)
  return true
end

-- Makes a machine ours that does not run, calls `work(ctx)`, and gives it up again: true | nil,
-- why. Of the plan it takes name, runtime and state.
local function own(plan, loop, tell, work)
  local ctx, why = context.new({ name = plan.name, runtime = plan.runtime, state = plan.state,
                         descriptors = {}, files = {}, guest = {}, ready = {} }, loop,
                       { tell = tell }, undo.new())
  if not ctx then return nil, why end
  local mine
  mine, why = claimed(ctx, ENDING)
  if not mine then return nil, why end
  undo_directories(ctx, plan.state, {})
  undo_claim(ctx, mine)
  local ok
  ok, why = work(ctx)
  local failures = ctx.started:run()
  if ok and #failures == 0 then return true end
  return nil, why or table.concat(failures, "; ")
end

-- Removes what a start that nobody is at any more has left, or a machine that ended unseen:
-- true | nil, why
function launch.clean(plan, loop)
  return own(plan, loop, nil, function() return true end)
end

-- Forgets a machine that does not run: all that clean removes, and what is remembered of it.
-- `also` is called before, while nobody else can start the machine: true | nil, why. `tell(kind,
-- text)` hears of what stays.
function launch.forget(plan, loop, tell, also)
  return own(plan, loop, tell, function(ctx)
    local ok, why = also()
    if not ok then return nil, why end
    local left
    left, why = clean.state(plan.state)
    if not left then return nil, why end
    tell_left(ctx, left, plan.state)
    return true
  end)
end

-- The record of a machine that is to be taken over | nil, why
local function whole_record(plan)
  local record, why = records.read(plan.runtime)
  if record and not record.problem then return record end
  why = record and record.problem or why
  return nil, ("%s: lunik down --force %s ends the machine"):format(why, plan.name)
end

-- Takes over the machine of a plan, whose supervisor is gone: vm | nil, why, and true where
-- the machine had ended meanwhile. Its processes stay as they are when this fails.
function launch.adopt(plan, loop, options)
  local adopt = require "lunik.launch.adopt"
  local ctx, why = context.new(plan, loop, options or {}, undo.new())
  if not ctx then return nil, why end
  local ok, record
  ok, why = reclaim(ctx)
  if not ok then return nil, why end
  record, why = whole_record(plan)
  if not record then return nil, why end
  ok, why = pointer.write(plan, record.id)
  if ok then ok, why = ctx.claimed(ctx) end
  local machine, gone
  if ok then ok, why, gone = adopt.fill(ctx, record) end
  if ok then machine, why = require "lunik.vm".resume(ctx) end
  if machine then return machine end
  if not gone then return nil, why end
  local buried, problem = adopt.bury(ctx, record)
  return nil, buried and why or ("%s; %s"):format(why, problem), true
end

-- Where the options of a plan come from is found out once QEMU has refused one.
local function asked_here(plan, data)
  return function(lines, cause)
    local places = plan ~= data and plan:places() or data.places or {}
    return require "lunik.launch.blame"(data.live, places, lines, cause)
  end
end

-- Starts the machine of a plan, in a task of `loop`: vm | nil, why. options: lunik.launch.brief has
-- them.
function launch.start(plan, loop, options)
  local data, problem = plan.live and plan, nil
  if not data then data, problem = plan:data() end
  if not data then return nil, problem end
  local ctx, why = context.new(data, loop, options or {}, undo.new())
  if not ctx then return nil, why end
  ctx.where = ctx.where or asked_here(plan, data)
  local _ <close> = telling(ctx)
  local started <close> = ctx.started
  local ok
  ok, why = claim(ctx)
  if ok then ok, why = ctx.claimed(ctx) end
  if ok then ok, why = prepare(ctx) end
  if ok then ok, why = start_qemu(ctx) end
  local machine
  if ok then machine, why = require "lunik.vm".start(ctx) end
  if not machine then return nil, taken_back(started, why) end
  return machine
end

return launch

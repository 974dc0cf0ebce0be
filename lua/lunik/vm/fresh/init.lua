-- SPDX-License-Identifier: MIT
-- What a guest has to have anew that goes on from a saved state, before anybody's code runs there:
-- numbers that nobody else draws, the time, and, where it is another machine than the one that was
-- saved, a name and addresses of its own. What a guest says of a step is its word, and bounded.
--
--   fresh.run(guest, what, stage, seconds): a report, and why the guest did not answer to its end
--   | nil, why, code where nothing can be asked
--
--   guest   lunik.vm.guest of a machine that runs and answers
--   what    { randomness = true, clock = true,
--             hostname = "name", machine_id = "32 digits of hexadecimal",
--             macs = { ["52:54:00:00:00:01"] = "52:54:00:00:00:02" },    what each is to become
--             lease = true, host_keys = true }                           all of them optional
--   stage   "first", the default: what is wrong from the first moment on; "rest", once the machine
--           is ready: what takes a second itself. Both are given the same `what`.
--   report  a list of { name, done, why, seconds }, one for each step of the stage that `what` asks
--           for, in order; `why` where it was not done, `seconds` that it took in the guest
--
--   seconds that a guest which hangs is waited for; by default as its recipe says of its boot
local errno = require "posix.errno"
local script = require "lunik.vm.fresh.script"
local time = require "posix.time"

local fresh = {}

local PATIENCE = 300       -- seconds, as for a boot
local LATE, TRIES = 0.5, 4   -- seconds by which a clock may be late, and how often it is set again

-- A file each, in the order in which they run.
local names = { "clock", "randomness", "hostname", "machine_id", "mac", "host_keys", "journal",
                "lease" }

-- What an agent says that has been told to run no programs: it answers.
local REFUSED = "CommandNotFound"

-- What a road fails with, by which nothing else can be asked either.
local DEAD = { unreachable = true, [errno.ETIMEDOUT] = true, [errno.EPIPE] = true }

-- The steps of a stage that are asked for: a list of { row, arguments, why (it cannot be done) }
local function asked(guest, what, stage)
  local list = {}
  for _, name in ipairs(names) do
    local row = require("lunik.vm.fresh." .. name)
    if row.stage == stage then
      local arguments, why = row.asked(what, guest)
      if arguments or why then
        list[#list + 1] = { row = row, arguments = arguments, why = why }
      end
    end
  end
  return list
end

-- Another way to one that has failed, where its row has one.
local function make_up(guest, row, entry)
  local ok, why = row.otherwise(guest)
  if ok then entry.done, entry.why = true, nil else entry.why = entry.why .. "; " .. why end
end

-- Why none of the steps can be done.
local function cut_off(steps)
  local list = {}
  for i, step in ipairs(steps) do list[i] = step.row.name end
  return table.concat(list, ", ") .. ": there is no road to the guest: agent {} or ssh {} in the "
    .. "recipe gives one"
end

local function now()
  local at = time.clock_gettime(time.CLOCK_MONOTONIC)
  return at.tv_sec + at.tv_nsec / 1e9
end

-- A guest that takes longer to boot takes longer for this, too.
local function patience(guest)
  return math.max(PATIENCE, guest.plan.ready and guest.plan.ready.timeout or 0)
end

-- Runs the steps: a code where the guest could not be asked; and for how long what was told to it
-- may have been on its way, at most.
local function go(guest, steps, seconds)
  local sent = now()
  local code = script.run(guest, steps, seconds)
  local took, first, last = now() - sent, nil, 0
  for _, step in ipairs(steps) do
    if step.row.name == "clock" then first = step.ended end
    last = math.max(last, step.ended or 0)
  end
  return code, took - (first and last - first or 0)
end

-- What a clock is set to was true when it was sent: on a busy host that may be too long ago.
local function set_clock(guest, late)
  for _ = 1, TRIES do
    if late < LATE then return end
    local code
    code, late = go(guest, asked(guest, { clock = true }, "first"), patience(guest))
    if code then return end
  end
end

function fresh.run(guest, what, stage, seconds)
  stage = stage or "first"
  local steps = asked(guest, what, stage)
  if not guest:reachable() then return nil, cut_off(steps), "unreachable" end
  local code, late = go(guest, steps, seconds or patience(guest))
  if what.clock and stage == "first" and not code then set_clock(guest, late) end
  local report, cut = {}, nil
  for i, step in ipairs(steps) do
    if code and code ~= REFUSED and not step.done then cut = cut or step.why end
    if step.done and step.row.after then step.row.after(guest) end
    report[i] = { name = step.row.name, done = step.done or false, why = step.why,
                  seconds = step.seconds }
    if not step.done and step.row.otherwise and not DEAD[code] then
      make_up(guest, step.row, report[i])
    end
  end
  return report, cut
end

-- The `macs` of a machine that came from another one's state: { [old] = new } | nil, why
function fresh.macs(vm) return require "lunik.vm.fresh.cards"(vm.monitor) end

-- How long each took in the guest, by its own clock, as lunik.async.timeline has steps.
function fresh.steps(report)
  local list = {}
  for _, entry in ipairs(report) do
    if entry.seconds then list[#list + 1] = { step = entry.name, ms = entry.seconds * 1000 } end
  end
  return list
end

-- What was not done, in words: a list.
function fresh.left(report)
  local list = {}
  for _, entry in ipairs(report) do
    if not entry.done then list[#list + 1] = ("%s: %s"):format(entry.name, entry.why) end
  end
  return list
end

return fresh

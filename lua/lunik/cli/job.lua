-- SPDX-License-Identifier: MIT
-- `lunik job FILE [NUMBER [ATTEMPT]]`, for programs: the interpreter of a batch script
-- (lunik.fleet.script). Runs one job of it, on the node where it is called.
-- `lunik job --in FOLDER VERB …`: a verb about the machine of a job that runs here.
local attempt = require "lunik.fleet.attempt"
local core = require "lunik.core"
local engines = require "lunik.fleet.engines"
local exit = require "lunik.exit"
local fleet = require "lunik.fleet"
local host = require "lunik.host"
local loop = require "lunik.async.loop"
local memory = require "lunik.fleet.memory"
local orphans = require "lunik.process.orphans"
local place = require "lunik.fleet.place"
local run = require "lunik.cli.run"
local script = require "lunik.fleet.script"
local shown = require "lunik.cli.shown"
local signal = require "lunik.system.signal"
local stand_ins = require "lunik.fleet.stand_ins"
local store = require "lunik.store.records"

local job = { name = "job", summary = "run a job of a batch" }

local COPY = 600           -- seconds that results may take on their way
local SILENT = 30          -- where the guest was never ready

function job.args() end

-- Ends what runs below a runtime directory whose job is dead.
local function bury(runtime)
  local record = store.read(runtime)
  if not record or not record.id then return end
  local l <close> = loop.new()
  l:run(function() orphans.finish(l, record.id) end)
end

local function say(err, text)
  err:write("lunik: ", text, "\n")
  err:flush()
end

-- Copies the results of a job whose guest is about to go.
local function collect(self, vm)
  local from = self.batch.results
  if not from or self.collected ~= nil then return end
  self.collected = "not copied to their end"
  local task = vm.loop:spawn("results", function()
    return vm.handle:copy_out { from = from, to = self.attempt:results() }
  end)
  local _ <close> = setmetatable({}, { __close = function() task:cancel() end })
  local ready = vm.is_ready:is_set() and vm.is_ready.values[1]
  local ran, done, why = task:join(ready and COPY or SILENT)
  if ran and done then
    self.collected = true
    return say(self.err, ("results: %s of the guest is copied"):format(from))
  end
  self.collected = tostring(ran and why or ran == false and done or "they take too long")
  say(self.err, ("results: %s: %s"):format(from, self.collected))
end

local function about_host(problems)
  for _, each in ipairs(problems) do
    if each.about ~= "host" then return false end
  end
  return #problems > 0
end

-- The plan of the job's machine, and the machine | nil, why, exit code
local function plan_of(self, images)
  local lunik, batch = require "lunik", self.batch
  local plan, machine = lunik.plan(batch.recipe, { host = fleet.host_of(batch),
    set = self.attempt.task.set, limit_memory = true, tb_size = batch.tb_size, images = images })
  if plan then return plan, machine end
  -- what this node lacks another may have
  return nil, lunik.text(machine), about_host(machine) and exit.start or exit.problems
end

-- The plan, with copies in the place of images | nil, why, exit code
local function plan_with_copies(self)
  local plan, machine, code = plan_of(self)
  if not plan then return nil, machine, code end
  local why
  self.copies, why, code = stand_ins.take(self.attempt, machine, function(text)
    say(self.err, text)
  end, function() return self.signals:next(0) ~= nil end)
  if not self.copies then return nil, why, code end
  if not next(self.copies.images) then return plan, machine end
  return plan_of(self, self.copies.images)
end

-- Plans and runs the machine: { code, own, text }
local function carry(self, out)
  local batch, task = self.batch, self.attempt.task
  local plan, machine, unplanned = plan_with_copies(self)
  if not plan then return { own = true, code = unplanned, text = machine } end
  self.attempt:named(plan.name)
  local code, why, failed, answered = run.machine(plan, machine, { program = task.command,
    console = 1, loud = true, shielded = true, grace = batch.grace,
    leaving = function(vm) collect(self, vm) end }, out, self.err)
  if code then return { code = code, own = not answered } end
  if failed == exit.interrupted then failed, answered = exit.killed, false end
  return { code = failed or exit.problems, own = not answered, text = why }
end

-- A process that was over the job's memory is named as that.
local function name_memory(how, before)
  local now = memory.look()
  if now.killed <= before.killed or how.code == exit.ok then return end
  how.cause = "memory"
  how.text = ("out of memory: the machine was over what its job may have%s, and the kernel killed "
    .. "it; more: --memory"):format(now.limit and ", " .. shown.size(now.limit) or "")
end

-- What is not whole without results, where the machine ended well.
local function judge_results(self, how)
  if not self.batch.results then return end
  how.results = self.collected == true
  if how.results then return end
  how.trouble = ("results: %s"):format(self.collected
    or "the guest was gone before they could be copied: -- PROGRAM runs one, and copies them then")
  if how.code == exit.ok then how.code, how.own, how.text = exit.problems, true, how.trouble end
end

-- What the machine has written to overlays that are kept takes their places, unless it is tried
-- again.
local function keep_overlays(self, how)
  local ok, why = true, nil
  if self.copies then ok, why = self.copies:finish(how.again) end
  if ok then return end
  how.trouble = how.trouble and ("%s; %s"):format(how.trouble, why) or why
  if how.code == exit.ok then how.code, how.own, how.text = exit.problems, true, why end
end

local function try_again(self, engine, how)
  if not self.attempt:again(how) then return end
  how.again = true
  if not engine.requeue then return end
  self.requeue = function()
    local l <close> = loop.new()
    local ok, why = l:run(engine.requeue, l, self.attempt.here)
    if not ok then say(self.err, "not queued again: " .. why) end
  end
end

local function work(self, engine, out)
  for _, path in ipairs(self.attempt.swept) do
    say(self.err, ("swept %s, which a dead job has left"):format(path))
  end
  local before = memory.look()
  local how = carry(self, out)
  name_memory(how, before)
  judge_results(self, how)
  try_again(self, engine, how)
  keep_overlays(self, how)
  local ok, why = self.attempt:finish(how)
  if how.text then say(self.err, how.text) end
  if not ok then say(self.err, "not written down: " .. why) end
  if self.requeue then self.requeue() end
  return how.code
end

-- The verb of another lunik's, about the machine of a job here.
local function inside(argv, err, cli)
  local ok, why = place.enter(argv[3])
  if not ok then return nil, why, exit.problems end
  local rest = table.move(argv, 4, #argv, 1, {})
  return cli.main(rest, nil, err)
end

local function read(path)
  local text, why = host.contents(path, script.largest + 1)
  if not text then return nil, why end
  local batch
  batch, why = script.decode(text)
  if not batch then return nil, ("%s: %s"):format(path, why) end
  return batch
end

function job.run(argv, out, err, cli)
  if argv[2] == "--in" and argv[4] then return inside(argv, err, cli) end
  if not argv[2] then return nil, "a batch script expected: lunik submit makes one", exit.usage end
  local batch, why = read(argv[2])
  if not batch then return nil, why, exit.usage end
  local engine = engines.find(batch.engine)
  local here = engine.here(batch, math.tointeger(argv[3]), math.tointeger(argv[4]))
  if not here then
    return nil, ("%s: not started by %s: no number of a job"):format(argv[2], batch.engine),
           exit.usage
  end
  -- one that comes while nothing runs is heard at the end, and ends nothing in the middle
  local signals <close> = assert(core.signals.open { signal.TERM, signal.HUP, signal.INT })
  local self = { batch = batch, err = err, signals = signals }
  self.attempt, why = attempt.begin(batch, here, bury)
  if not self.attempt then return nil, why, exit.start end
  local code = work(self, engine, out)
  repeat until not signals:next(0)
  return code
end

return job

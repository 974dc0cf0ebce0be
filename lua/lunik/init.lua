-- SPDX-License-Identifier: MIT
-- lunik's public API:
--   local lunik = require "lunik"
--   local machine = lunik.load "vm.lua"      check a recipe
--   local plan    = lunik.plan "vm.lua"      and see what running it would do
--   local how     = lunik.run("vm.lua", { on = { ready = function(vm) … end } })
--                                            run it to its end, with a hook of your own
--   local vm      = lunik.up "vm.lua"        start it, to live on its own
--   local vm      = lunik.attach "dev"       speak to one that does
--   local arrays  = lunik.submit { recipe = "vm.lua", command = { "make" } }
--                                            hand it to a queue, as one job or many
--   local vm      = lunik.restore "/x/dev.saved"   let a saved one go on; lunik.fork: clones of it
-- Failures are nil and a list of problems; lunik.text(problems) is what to show.
-- This file is such that any Lua can read it, to be refused in words.
if not ({ ["Lua 5.4"] = true, ["Lua 5.5"] = true })[_VERSION] then
  error("lunik is for Lua 5.4 and 5.5, and this is " .. _VERSION, 2)
end

local lunik = { version = require "lunik.version" }

-- MiB that reading a recipe may take, in the lunik program.
local limit = 256
local no_memory = "not enough memory"   -- what Lua raises

-- The options of each function.
local function set(...)
  local out = {}
  for _, name in ipairs { ... } do out[name] = true end
  return out
end
local LOAD = set("set", "host", "dir", "limit_memory", "saved")
local PLAN = set("set", "host", "dir", "limit_memory", "anyway", "kept", "look", "lock", "saved",
  "tb_size", "images", "template")
local START = set("set", "host", "dir", "limit_memory", "anyway", "on", "policies", "tell",
  "console")
local SUBMIT = set("recipe", "set", "command", "sweep", "each", "engine", "at_once", "retries",
  "memory", "cache", "time", "gres", "constraint", "partition", "account")
local FORK = set("n", "as", "forward", "mounts", "memory", "recipe", "host_keys", "unsafe", "to",
  "force", "loop", "tell")
local RESTORE = set("name", "again", "recipe", "verify", "loop", "tell")
local UP = set("set", "host", "dir", "limit_memory", "anyway", "loop", "paused", "tell")

-- The machines that plans were made from.
local made_from = setmetatable({}, { __mode = "k" })
local function host_of(options) return options.host or require "lunik.host" end

local function trace(why)
  local over = why == no_memory or require "lunik.schema.budget".is_late(why)
  return over and why or debug.traceback(why)
end

-- The limit is lifted before anything else: there may be no room left.
local function lifted(ok, ...)
  require "lunik.core".memory.limit(nil)
  if ok then return ... end
  if ... ~= no_memory then error(..., 0) end
  return nil, { { why = ("the recipe takes more than %d MiB of memory"):format(limit) } }
end

-- Calls work(…), which reads a recipe, within the time and the memory that it may take.
local function bounded(options, work, ...)
  if options.limit_memory then require "lunik.core".memory.limit(limit * 1048576) end
  return lifted(require "lunik.schema.budget".run(work, trace, ...))
end

local function check_policies(policies)
  for family, fn in pairs(policies) do
    local why = require "lunik.launch.brief".wrong_policy(family)
    if not why and type(fn) ~= "function" then
      why = ("policies.%s: a function expected, got %s"):format(family, type(fn))
    end
    if why then error(why, 4) end
  end
end

-- Misuse raises, at the line of whoever called lunik's function.
local function check_options(options, known)
  local unknown = require "lunik.schema.options"(options, known)
  if unknown then error(unknown, 3) end
  for point, fn in pairs(options.on or {}) do
    local why = require "lunik.launch.brief".wrong_point(point)
    if not why and type(fn) ~= "function" then
      why = ("on.%s: a function expected, got %s"):format(point, type(fn))
    end
    if why then error(why, 3) end
  end
  check_policies(options.policies or {})
end

local function load_machine(path, options)
  local raw, problems = require "lunik.recipe".load(path, host_of(options), { dir = options.dir })
  if not raw then return nil, problems end
  local machine
  machine, problems = require "lunik.machine".new(raw, options)
  if not machine then return nil, problems end
  machine.raw = raw
  return machine
end

-- Holds a plan against this host: errors are lacks, what is doubtful is plan.warnings; or has
-- none of it said.
local function look(plan, machine, host, wanted)
  plan.lacks, plan.warnings = require "lunik.plan.look"(plan, machine, host, wanted)
end

-- The lock beside a recipe | nil | nil, problems
local function lock_of(machine, options)
  local told = options.saved and options.saved ~= "any"          -- a saved one says it itself
  if options.lock == false or told then return nil end
  local lock, why = require "lunik.plan.lock.file".beside(machine.raw, host_of(options))
  return lock, why and { { at = machine.at, why = why } }
end

local function build_plan(path, options)
  local machine, problems = load_machine(path, options)
  if not machine then return nil, problems end
  require "lunik.machine.caps".check(machine, host_of(options))
  local plan
  machine.lock, problems = lock_of(machine, options)
  if problems then return nil, problems end
  plan, problems = require "lunik.plan".build(machine, host_of(options), options.kept,
    options.saved ~= "any" and options.saved or nil, options.template)
  if not plan then return nil, problems end
  if options.look ~= nil then look(plan, machine, host_of(options), options.look) end
  if #plan.lacks > 0 and not options.anyway then return nil, plan.lacks end
  made_from[plan] = machine
  return plan, machine
end

-- Reads and checks the recipe at `path`. options: set = { cpus = "2" }, host, dir,
-- limit_memory = true (of the whole Lua state, so for programs such as lunik).
function lunik.load(path, options)
  options = options or {}
  check_options(options, LOAD)
  return bounded(options, load_machine, path, options)
end

-- Reads, checks and plans. Returns plan and machine. What only this host lacks (no
-- QEMU, no KVM) is a problem too, unless options.anyway: then it is in plan.lacks. With
-- options.look = true all that the plan takes is held against this host (files, ports, devices);
-- what is only doubtful is in plan.warnings. false: nothing is said of this host but its QEMU.
-- options.tb_size bounds the code that TCG keeps, in MiB.
-- options.images = { [path] = path }: copies that stand for images of the recipe.
-- options.lock = false: a lock beside the recipe is not read. options.saved: it goes on from that
-- (lunik.vm.save.read); "any": it is only looked at, whatever its disks belong to.
-- options.template: it is the template { … } of the recipe, to be saved in that folder.
function lunik.plan(path, options)
  options = options or {}
  check_options(options, PLAN)
  return bounded(options, build_plan, path, options)
end

-- A QEMU command line from a table of options, checked; nothing is touched or started
-- (lunik.qemu.command_line says how the table looks). A list of arguments, or nil and problems.
function lunik.argv(spec) return require "lunik.qemu.command_line".argv(spec) end

local function programs() return require "lunik.supervisor.programs" end

-- Why a saved machine does not go on as its recipe reads now | nil
local function differs(one)
  local read, problems = lunik.load(one.recipe, { set = one.before, saved = one.saved })
  return (require "lunik.supervisor.restore".differs(one, read, not read and lunik.text(problems)))
end

-- A function that plans a recipe, or another, with more options than those of whoever starts it.
local function planner(path, options)
  return function(about)
    setmetatable(about, { __index = options })
    return bounded(options, build_plan, about.recipe or path, about)
  end
end

local function start(what, loop, options)
  local plan, machine, clone = what, made_from[what], nil
  if not machine then
    plan, machine, clone = programs().plan(loop, options, planner(what, options), differs)
  end
  if not plan then return nil, machine end
  local told = require "lunik.launch.brief".of_machine(machine, loop,
    { tied = true, tell = options.tell, console = options.console,
      memory = clone and clone.memory and clone.memory:here() or nil }, options.on)
  if options.policies then require "lunik.launch.brief".add_policies(told, options.policies) end
  local vm, why = require "lunik.launch".start(plan, loop, told)
  if clone then clone:close() end
  if not vm then return nil, { { why = why } } end
  return vm
end

-- Starts a machine in a task of `loop` (see lunik.loop): a vm (docs/vm.md), or nil and problems.
-- `what` is the path of a recipe, or a plan that lunik.plan has made, which is started as it is,
-- whatever template its recipe has. options, besides those of
-- lunik.plan: on = { ready = function(vm) … end, … }, more hooks; policies = { mount =
-- function(vm, request) … end, … }, asked after the recipe's own; tell(kind, text), which hears of
-- progress; console(bytes), of the guest's console.
function lunik.start(what, loop, options)
  options = options or {}
  check_options(options, START)
  local vm, problems = start(what, loop, options)
  if not vm then return nil, problems end
  return vm.handle
end

-- Runs a machine to its end. Returns how it ended, { kind, text, code } with the program's exit
-- code, or nil and problems when it did not start. `what` and options as lunik.start has them.
function lunik.run(what, options)
  options = options or {}
  check_options(options, START)
  return require "lunik.async.loop".alone(function(loop)
    local vm, problems = start(what, loop, options)
    if not vm then return nil, problems end
    return vm:wait()
  end)
end

-- Starts the recipe's machine so that it lives on its own, and waits until it is ready. Returns
-- its handle (lunik.supervisor.client), or nil and problems. options, besides those of lunik.plan:
-- loop (the caller's, in one of whose tasks this is called), paused, tell(kind, text), which hears
-- progress. A machine that is not ready in time is a problem, and runs on.
function lunik.up(path, options)
  options = options or {}
  check_options(options, UP)
  return programs().up(options, planner(path, options), differs)
end

-- Lets a machine go on that vm:save has put away, from its folder at an absolute path, and waits
-- until its guest answers: its handle, or nil, problems. options: name, again, recipe, verify,
-- loop, tell
function lunik.restore(path, options)
  options = options or {}
  check_options(options, RESTORE)
  return programs().restore(path, options, planner(path, {}), differs)
end

-- The same of clones, of which the saved machine stays what it is; or of a machine that runs, by
-- its name, and runs on; or of a recipe's template: a list of their handles, or nil and problems,
-- and none is there. options: as lunik.supervisor.fork.all has them; loop.
function lunik.fork(path, options)
  options = options or {}
  check_options(options, FORK)
  return programs().fork(path, options, planner(path, {}), differs)
end

-- A pool of clones that stand ready (lunik.supervisor.pool.handle): that of a name, or one that is
-- started as a table says; or nil and problems.
function lunik.pool(what) return require "lunik.supervisor.pool.handle".open(what) end

-- The handle of a machine that lives on its own, by name or recipe | nil, problems. options: loop.
function lunik.attach(name, options)
  options = options or {}
  check_options(options, { loop = true })
  local vm, why = require "lunik.supervisor.machines".attach(name, options.loop)
  if not vm then return nil, { { why = why } } end
  return vm.handle
end

-- Hands a recipe to a queue (docs/fleets.md): a list of { batch = "slurm:1234", folder, jobs }
-- | nil, problems. options: recipe; set; command (a list: the program in the guest); sweep = { cpus
-- = { 1, 2 } } or each = a list of lines; engine ("slurm" where sbatch is, else "local", whose jobs
-- are run here, to their end: code); at_once, retries, memory and cache (bytes), and time, gres,
-- constraint, partition, account, as sbatch has them.
function lunik.submit(options)
  check_options(options, SUBMIT)
  local asked = { engine = options.engine or require "lunik.fleet.engines".usual() }
  for name, value in pairs(options) do asked[name] = value end
  return require "lunik.async.loop".alone(function(loop)
    return require "lunik.fleet".submit(loop, asked, function(fields)
      return lunik.plan(options.recipe, { set = fields, anyway = asked.engine ~= "local" })
    end)
  end)
end

-- A list of problems as lines of text; of very many the first.
function lunik.text(problems) return require "lunik.schema.check".text_of(problems) end

return lunik

-- SPDX-License-Identifier: MIT
-- `lunik down`: stops machines, and waits for their end. The recipe is not needed.
local arguments = require "lunik.cli.arguments"
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local exit = require "lunik.exit"
local host = require "lunik.host"
local look = require "lunik.supervisor.look"
local loop = require "lunik.async.loop"
local machines = require "lunik.supervisor.machines"
local orphans = require "lunik.process.orphans"
local signal = require "lunik.system.signal"
local sorted = require "lunik.text.sorted"
local wait = require "lunik.async.wait"

local down = { name = "down", summary = "stop machines" }
down.example = "lunik down dev"
down.more = { "lunik down dev --timeout 2m", "lunik down dev --force", "lunik down dev --save" }

local BURIED = "it had ended; what it left is removed"
local HINT = 3             -- seconds of waiting after which a way out is shown
local MARGIN = 60          -- seconds for the rungs above the guest's own way
local UNASKED = 1          -- seconds between two signals: the first has to have been heard

function down.args(command)
  arguments.machines(command)
  command:option("--timeout", "how long the guest may take to power off, such as 30s or 2m")
  command:flag("--force", "do not ask the guest")
  command:flag("--save", "save them, each in its state directory: lunik restore lets them go on")
end

local function teller(err, name)
  return function(text) err:write(name, ": ", text, "\n") err:flush() end
end

-- Whoever waits at a terminal is shown a way out.
local function hinting(vm, args, tell)
  if not args.hints then return nil end
  local hint = vm.loop:spawn("hint", function()
    vm.loop:sleep(HINT)
    tell("still waiting; Ctrl-C does so no longer" .. (args.force and ""
      or (", lunik down --force %s does not ask the guest"):format(vm.name)))
  end)
  return defer(function() hint:cancel() end)
end

-- Tells it to stop: true | nil, why. One that is stopping already is hurried by --force alone.
local function begin(vm, args, tell)
  if vm.found.state == "stopping" and not args.force then
    tell "it is stopping already; waiting for its end"
    return true
  end
  if args.save then
    local done, why = vm:save(nil, { force = args.force })
    return done and true, why
  end
  return vm:stop("lunik down", args.force and "quit" or nil)
end

-- Over the control socket: how it ended | nil, why
local function politely(vm, args, tell)
  vm:on("LUNIK_PROGRESS", function(_, event) tell(event.data.text) end)
  args.begun[vm.name] = true
  local ok, why = begin(vm, args, tell)
  if not ok then return nil, why end
  local _ <close> = hinting(vm, args, tell)
  local how, word
  how, why, word = vm:wait(args.seconds)
  if not how and word == "timeout" then
    vm:stop("lunik down: the guest's time is over", "quit")
    how, why = vm:wait(MARGIN)
  end
  return how, why, exit.crashed
end

-- A process that has a lock open, so that it is no other of the same number | nil
local function holder(pid, lock)
  local proc = pid and core.proc.open(pid)
  if not proc then return nil end
  if orphans.has_open(pid, lock) then return proc end
  proc:close()
end

local function supervisor_lock(one) return machines.runtime(one.name) .. "/supervisor.lock" end

-- A supervisor that cannot be spoken to hears a signal; a second one when the guest's time is over,
-- which does not ask the guest.
local function by_signal(l, one, pid, lock)
  local proc <close> = holder(pid, lock)
  if not proc then return nil, "its supervisor has just gone; try again" end
  one.tell "asking its supervisor to stop"
  proc:signal(signal.TERM)
  one.args.begun[one.name] = true
  local how = wait.exit(l, proc, one.args.force and UNASKED or one.args.seconds or MARGIN * 2)
  if not how then
    proc:signal(signal.TERM)
    how = wait.exit(l, proc, MARGIN)
  end
  if not how then return nil, "its supervisor does not end" end
  return { kind = "told", code = exit.ok, text = "stopped" }
end

-- A directory that is gone with its machine leaves only what the state directory says.
local function clean(l, name)
  if not host.kind(machines.runtime(name)) and machines.bury(name) then
    return { kind = "gone", code = exit.ok, text = BURIED }
  end
  local ok, why = require "lunik.launch".clean({ name = name, runtime = machines.runtime(name),
                                 state = machines.state(name) }, l)
  return ok and { kind = "gone", code = exit.ok, text = BURIED }, why
end

local ways = {}

function ways.up(_, one) return politely(one.vm, one.args, one.tell) end

-- One that is still starting, or runs in another terminal.
function ways.starting(l, one)
  return by_signal(l, one, look.supervisor(one.name, one.record), supervisor_lock(one))
end
ways.foreground, ways.busy = ways.starting, ways.starting

-- What cannot be asked any more is killed, when that is wanted, and then all that it left.
function ways.stuck(l, one)
  if not one.args.force then return nil, machines.advice(one.name, "stuck") end
  local proc <close> = holder(look.supervisor(one.name, one.record), supervisor_lock(one))
  if proc then
    one.tell "its supervisor does not answer: killing it"
    proc:signal(signal.KILL)
    wait.exit(l, proc, MARGIN)
  end
  return ways.unsupervised(l, one)
end

function ways.gone(l, one) return clean(l, one.name) end

-- Ends whatever carries the machine's id, however little is known of it: true | nil, why
local function finish(l, one)
  one.args.begun[one.name] = true
  for _, id in ipairs(look.ids(one.name, one.record)) do
    local ok, why = orphans.finish(l, id)
    if not ok then return nil, why end
  end
  return true
end

-- Without a record it cannot be taken over, only ended.
function ways.damaged(l, one)
  if not one.args.force then return nil, machines.advice(one.name, "damaged") end
  one.tell "ending its processes"
  local ok, why = finish(l, one)
  if not ok then return nil, why end
  return clean(l, one.name)
end

-- Its supervisor, if it has one, has lost its socket with the directory, and hears a signal.
function ways.lost(l, one)
  local lock, how, why = machines.state_lock(one.name), nil, nil
  local pid = look.lost_supervisor(one.name)
  if pid then how, why = by_signal(l, one, pid, lock) end
  if not how and not one.args.force then
    return nil, (why or "it has no supervisor either") .. "; --force ends its processes"
  end
  local ok, problem = finish(l, one)
  if not ok then return nil, problem end
  return clean(l, one.name) and how or { kind = "gone", code = exit.ok, text = BURIED }
end

-- What another host has written is removed by force, where it has no lock any more. Its processes
-- are its own, whatever their numbers are here.
function ways.elsewhere(_, one)
  if one.args.force and machines.bury(one.name) then
    return { kind = "gone", code = exit.ok, text = BURIED }
  end
  return nil, machines.advice(one.name, "elsewhere", one.record)
end

function ways.down(_, one) return nil, machines.advice(one.name, "down") end

-- Taken over first, so that it goes down by the same road as any other.
function ways.unsupervised(l, one)
  one.tell "taking it over first"
  local status, why, _, ended = require "lunik.cli.adopt".take(l, one.name, function() end)
  if status then
    one.vm, why = machines.attach(one.name, l)
    if one.vm then return politely(one.vm, one.args, one.tell) end
  elseif ended then
    return { kind = "gone", code = exit.ok, text = BURIED }
  end
  if not one.args.force then return nil, why .. "; --force ends its processes" end
  local ok, problem = finish(l, one)
  if not ok then return nil, problem end
  return clean(l, one.name)
end

-- Stops one machine in a task of `l`: how it ended { kind, text, code } | nil, why, exit code.
-- args: seconds, force; tell(text) hears of progress. `args.begun` gets the names of machines that
-- go on stopping without us.
function down.stop(l, argument, args, tell)
  args.begun = args.begun or {}
  local name, why = machines.name(argument, l)
  if not name then return nil, why end
  local how, record, vm = machines.look(name, l)
  local one = { name = name, record = record, vm = vm, args = args, tell = tell(name) }
  local ended, code
  ended, why, code = ways[how](l, one)
  if one.vm then one.vm:close() end
  args.begun[name] = nil
  return ended, why, code
end

-- What goes on when nobody waits any more, args being those of down.stop.
function down.goes_on(args)
  local names = sorted(args.begun or {})
  if #names == 0 then return "no machine has been told to stop" end
  return ("%s %s on stopping; lunik down %s looks again"):format(table.concat(names, " and "),
    #names > 1 and "go" or "goes", table.concat(names, " "))
end

-- Down is what was wanted; that a machine was taken from its guest unasked is not. Trouble from
-- before was told when it came.
local function code_of(how, args)
  if how.kind == "killed" and args.force or how.earlier then return exit.ok end
  return how.code
end

local function each(l, argument, args, err, results)
  local name = machines.name(argument, l)
  local how, why, code = down.stop(l, name or argument, args, function(known)
    return teller(err, known)
  end)
  if how and (how.kind == "gone" or how.earlier) then teller(err, name)(how.text) end
  if not how then
    results.code = results.code or code
    results.failed[#results.failed + 1] = why
  elseif code_of(how, args) ~= exit.ok then
    results.code = results.code or how.code
    results.failed[#results.failed + 1] = ("%s: %s"):format(name, how.text)
  end
end

local function all(l, args, err)
  local results, tasks = { failed = {} }, {}
  for i = 1, math.max(1, #args.machine) do
    tasks[i] = l:spawn("down", each, l, args.machine[i], args, err, results)
  end
  for _, task in ipairs(tasks) do
    local ok, why = task:join()
    if not ok then error(why, 0) end
  end
  if #results.failed == 0 then return exit.ok end
  return nil, table.concat(results.failed, "\n"), results.code or exit.problems
end

function down.run(args, _, err)
  if args.timeout then
    local duration = require "lunik.schema.kind".duration
    local seconds, why = duration.read(tonumber(args.timeout) or args.timeout)
    if not seconds then return nil, "--timeout: " .. why, exit.usage end
    args.seconds = seconds
  end
  args.hints = require "posix.unistd".isatty(2) == 1
  local l <close> = loop.new()
  args.begun = {}
  return l:run(attached.until_interrupted, l, function() return down.goes_on(args) end,
               all, l, args, err)
end

return down

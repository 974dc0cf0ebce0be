-- SPDX-License-Identifier: MIT
-- `lunik down`: stops machines, and waits for their end. The recipe is not needed.
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local exit = require "lunik.exit"
local host = require "lunik.host"
local kind = require "lunik.schema.kind"
local launch = require "lunik.launch"
local look = require "lunik.supervisor.look"
local loop = require "lunik.async.loop"
local machines = require "lunik.supervisor.machines"
local orphans = require "lunik.process.orphans"
local signal = require "lunik.system.signal"
local wait = require "lunik.async.wait"

local down = { name = "down", summary = "stop machines" }

local BURIED = "it had ended; what it left is removed"
local HINT = 3             -- seconds of waiting after which a way out is shown
local MARGIN = 60          -- seconds for the rungs above the guest's own way
local UNASKED = 1          -- seconds between two signals: the first has to have been heard

function down.args(command)
  command:argument("machine", "names or recipes; left out: the one of ./vm.lua"):args "*"
  command:option("--timeout", "how long the guest may take to power off, such as 30s or 2m")
  command:flag("--force", "do not ask the guest")
end

local function teller(err, name)
  return function(text) err:write(name, ": ", text, "\n") err:flush() end
end

-- While somebody waits at a terminal (args.waiting): Ctrl-C climbs a rung, and that is said.
local function impatience(vm, args, tell)
  if not args.waiting then return nil end
  args.waiting[vm] = true
  local hint = vm.loop:spawn("hint", function()
    vm.loop:sleep(HINT)
    tell "still waiting; Ctrl-C does so no longer"
  end)
  return defer(function()
    args.waiting[vm] = nil
    hint:cancel()
  end)
end

local function hear(l, signals, waiting)
  while true do
    l:wait(signals:fd(), "r")
    if signals:next(0) then
      for vm in pairs(waiting) do vm:stop "Ctrl-C" end
    end
  end
end

-- Over the control socket: how it ended | nil, why
local function politely(vm, args, tell)
  vm:on("LUNIK_PROGRESS", function(_, event) tell(event.data.text) end)
  local ok, why = vm:stop("lunik down", args.force and "quit" or nil)
  if not ok then return nil, why end
  local _ <close> = impatience(vm, args, tell)
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
  local ok, why = launch.clean({ name = name, runtime = machines.runtime(name),
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
-- args: seconds, force; tell(text) hears of progress.
function down.stop(l, argument, args, tell)
  local name, why = machines.name(argument)
  if not name then return nil, why end
  local how, record, vm = machines.look(name, l)
  local one = { name = name, record = record, vm = vm, args = args, tell = tell(name) }
  local ended, code
  ended, why, code = ways[how](l, one)
  if one.vm then one.vm:close() end
  return ended, why, code
end

-- Down is what was wanted; that a machine was taken from its guest unasked is not. Trouble from
-- before was told when it came.
local function code_of(how, args)
  if how.kind == "killed" and args.force or how.earlier then return exit.ok end
  return how.code
end

local function each(l, argument, args, err, results)
  local name = machines.name(argument)
  local how, why, code = down.stop(l, argument, args, function(known)
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

function down.run(args, _, err)
  if args.timeout then
    local seconds, why = kind.duration.read(tonumber(args.timeout) or args.timeout)
    if not seconds then return nil, "--timeout: " .. why, exit.usage end
    args.seconds = seconds
  end
  local signals <close> = require "posix.unistd".isatty(2) == 1
                          and core.signals.open { signal.INT } or nil
  local l <close> = loop.new()
  args.waiting = signals and {}
  local results, tasks = { failed = {} }, {}
  l:run(function()
    if signals then l:spawn("signals", hear, l, signals, args.waiting) end
    for i, argument in ipairs(#args.machine > 0 and args.machine or { "vm.lua" }) do
      tasks[i] = l:spawn("down", each, l, argument, args, err, results)
    end
    for _, task in ipairs(tasks) do
      local ok, why = task:join()
      if not ok then error(why, 0) end
    end
  end)
  if #results.failed == 0 then return exit.ok end
  return nil, table.concat(results.failed, "\n"), results.code or exit.problems
end

return down

-- SPDX-License-Identifier: MIT
-- Parts of the verbs about one running machine: a machine's argument, a duration's, and a task
-- in which the machine is spoken to.
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local exit = require "lunik.exit"
local loop = require "lunik.async.loop"
local portable = require "lunik.store.portable"
local printable = require "lunik.text.printable"
local shown = require "lunik.cli.shown"
local signal = require "lunik.system.signal"

local attached = {}

-- What a request to change something comes to when nobody waits for it any more.
attached.FINISHES = "it is carried out all the same"
attached.RUNS_ON = "the machine runs on"

-- SIGINT as a descriptor, and what makes it as it was before once that is closed. One that is still
-- unread by then would end the program.
function attached.interrupts()
  local signals = assert(core.signals.open { signal.INT })
  return signals, defer(function()
    repeat until not signals:next(0)
    signals:close()
  end)
end

-- Runs work(…) in a task of `l` until it has ended, or Ctrl-C is pressed: its results, or nil, why,
-- code. `goes_on` is what goes on all the same, or a function that gives it.
function attached.until_interrupted(l, goes_on, work, ...)
  local signals, closing = attached.interrupts()
  local _ <close> = closing
  local over = l:latch()
  local task = l:spawn("work", work, ...)
  local tasks = {
    l:spawn("work's end", function() over:set("done", task:join()) end),
    l:spawn("interrupt", function()
      repeat l:wait(signals:fd(), "r") until signals:next(0)
      over:set "interrupted"
    end),
  }
  local results = table.pack(over:wait())
  for _, each in ipairs(tasks) do each:cancel() end
  task:cancel()
  if results[1] == "interrupted" then
    local what = type(goes_on) == "function" and goes_on() or goes_on
    return nil, "interrupted; " .. what, exit.interrupted
  end
  if not results[2] then error(results[3], 0) end
  return table.unpack(results, 3, results.n)
end

-- Calls work(vm, loop) with the machine that the arguments name; its results. Ctrl-C ends it, and
-- `goes_on` says what goes on without it, once the machine could be asked for anything.
function attached.with(args, work, goes_on)
  local l <close>, found = loop.new(), false
  return l:run(attached.until_interrupted, l, function()
    return found and goes_on or attached.RUNS_ON
  end, function()
    local vm <close>, why, code = arguments.attach(args, l)
    if not vm then return nil, why, code end
    found = true
    return work(vm, l)
  end)
end

-- How it went with several machines: the code, or nil, a line for each that failed, and the code,
-- which is that of the first that did not go well.
function attached.sum(names, results)
  local code, lines = exit.ok, {}
  for i, result in ipairs(results) do
    local one, why = result[1] or result[3] or exit.problems, not result[1] and result[2]
    if code == exit.ok then code = one end
    if why then lines[#lines + 1] = #names > 1 and ("%s: %s"):format(names[i], why) or why end
  end
  if #lines == 0 then return code end
  return nil, table.concat(lines, "\n"), code
end

-- Calls work(loop, name) for each name, for all at once, in a task of `l`: as attached.sum has it.
function attached.together(l, names, work)
  local tasks, results = {}, {}
  for i, name in ipairs(names) do
    tasks[i] = l:spawn(name, function() results[i] = table.pack(work(l, name)) end)
  end
  for _, task in ipairs(tasks) do
    local ok, why = task:join()
    if not ok then error(why, 0) end
  end
  return attached.sum(names, results)
end

-- Calls work(vm, loop) with each machine that the arguments name, with all at once.
function attached.each(args, work, goes_on)
  local names = args.machine
  if #names < 2 then return attached.with({ machine = names[1] }, work, goes_on) end
  local l <close> = loop.new()
  return l:run(attached.until_interrupted, l, goes_on or attached.RUNS_ON, function()
    return attached.together(l, names, function(_, name)
      local vm <close>, why, code = arguments.attach({ machine = name }, l)
      if not vm then return nil, why, code end
      return work(vm, l)
    end)
  end)
end

-- Whoever waits for a machine hears at once what goes wrong meanwhile; `paused` says that the wait
-- is in vain while it is paused, `stopped` while QEMU itself is.
function attached.hear(vm, err, how)
  local function tell(text)
    err:write(vm.name, ": ", printable(text, "\n\t"), "\n")
    err:flush()
  end
  vm:on("LUNIK_PROGRESS", function(_, event)
    local data = event.data or {}
    if data.kind == "problem" then tell(tostring(data.text)) end
  end)
  local found = vm.found
  if how == "paused" and found.state == "paused" or how == "stopped" and found.stopped then
    tell("the machine is paused: " .. (found.paused_by or "lunik resume " .. vm.name))
  end
end

-- "90s" or "2m" of an option: seconds or nil where it was not given | false, why, usage
function attached.seconds(args, name)
  local text = args[name]
  if not text then return nil end
  local seconds, why = require "lunik.schema.kind".duration.read(tonumber(text) or text)
  if seconds then return seconds end
  return false, ("--%s: %s"):format(name, why), exit.usage
end

-- A word that was taken for something of the only machine may have been meant as one's name.
local function hint_of_machine(args, word)
  if args.machine or not require "lunik.supervisor.machines".remembered(word) then return "" end
  return ("; '%s' is a machine, of which something is to be said"):format(printable(word))
end

-- A verb that takes something away from a running machine: { name, summary, what = the argument's
-- name and doc, force = the flag's doc, meant(vm, word) = what the machine calls it }
function attached.removal(row)
  local verb = { name = row.name, summary = row.summary, example = row.example, more = row.more,
                 lone = true }
  function verb.args(command, how)
    arguments.target(command, how, verb.lone)
    command:argument(row.what[1], row.what[2])
    command:flag("--force", row.force)
    command:option("--timeout", "for the guest to let go of it; default: 15s")
  end
  function verb.run(args, _, err)
    local seconds, why, code = attached.seconds(args, "timeout")
    if seconds == false then return nil, why, code end
    return attached.with(args, function(vm)
      attached.hear(vm, err)
      local word = args[row.what[1]]
      local ok, reason = vm[row.name](vm, row.meant and row.meant(vm, word) or word,
                                      { force = args.force, seconds = seconds })
      if not ok then return nil, reason .. hint_of_machine(args, word), exit.problems end
      return exit.ok
    end, attached.FINISHES)
  end
  return verb
end

-- A verb that lists what a running machine has: { name (the handle's method, and the member of the
-- JSON), summary, columns (lunik.cli.shown), none(name) = what is said of an empty list }
function attached.listing(row)
  local verb = { name = row.name, summary = row.summary, example = row.example, more = row.more }
  function verb.args(command)
    arguments.machine(command)
    command:flag("--json", "as JSON")
  end
  function verb.run(args, out, err)
    return attached.with(args, function(vm)
      local list, why = vm[row.name](vm)
      if not list then return nil, why, exit.problems end
      if args.json then
        out:write(core.json.encode { lunik = 1, name = vm.name,
                                     [row.name] = core.json.array(portable.encode(list)) }, "\n")
      elseif #list == 0 then
        err:write(vm.name, ": ", row.none(vm.name), "\n")
      else
        shown.table(shown.rows(row.columns, list), out)
      end
      return exit.ok
    end)
  end
  return verb
end

return attached

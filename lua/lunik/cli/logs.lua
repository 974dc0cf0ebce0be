-- SPDX-License-Identifier: MIT
-- `lunik logs`: what QEMU, its helpers, the guest's console and the supervisor have written, while
-- the machine runs and after its end.
local arguments = require "lunik.cli.arguments"
local core = require "lunik.core"
local exit = require "lunik.exit"
local logs = require "lunik.supervisor.logs"
local loop = require "lunik.async.loop"
local machines = require "lunik.supervisor.machines"
local printable = require "lunik.text.printable"
local queries = require "lunik.text.queries"
local signal = require "posix.signal"
local unistd = require "posix.unistd"

local verb = { name = "logs", summary = "show the logs of a machine" }
verb.example = "lunik logs dev -f"
verb.more = { "lunik logs dev --source serial -n 100", "lunik logs dev --json" }

function verb.args(command)
  arguments.machine(command)
  command:option("--source", "one of them only: " .. table.concat(logs.sources, ", "))
    :choices(logs.sources)
  command:option("-n --lines", "how many of the last lines of each"):default "20"
    :convert(function(text)
      local count = math.tointeger(text)
      if count and count >= 0 then return count end
      return nil, ("--lines: a number from 0 on expected, got '%s'"):format(text)
    end)
  command:flag("-f --follow", "go on as they grow, until Ctrl-C")
  command:flag("--json", "an object a line")
end

-- A guest must not get the terminal's controls; a pipe gets the bytes, but for questions that the
-- terminal at its end would answer. One may be cut by the ends of lines.
local function cleaner()
  if unistd.isatty(1) == 1 then
    return function(_, line) return printable(line:gsub("\r$", ""), "\t") .. "\n" end
  end
  local streams = {}
  return function(log, line)
    streams[log.path] = streams[log.path] or queries.new()
    return streams[log.path]:feed(line .. "\n")
  end
end

-- Prints lines, under a heading whenever another log speaks; false once nobody reads.
local function printer(args, name, out, headings)
  local clean, last = cleaner(), nil
  return function(log, line)
    if args.json then
      return out:write(core.json.encode { lunik = 1, machine = name, source = log.source,
        name = log.name, line = printable(line, "\t") }, "\n") and out:flush()
    end
    local text = clean(log, line)
    if text == "" then return true end
    if headings and last ~= log.path then
      out:write(last and "\n" or "", "==> ", log.name, " <==\n")
      last = log.path
    end
    return out:write(text) and out:flush()
  end
end

local function follow(args, folder, print, signals)
  local l <close> = loop.new()
  return l:run(function()
    local over = l:latch()
    local follower, why = logs.follow(l, folder, args.source, args.lines, function(log, line)
      if not print(log, line) then over:set(true) end
    end)
    if not follower then return nil, why end
    local tasks = { l:spawn("follow", follower.work, follower),
      l:spawn("signals", function() l:wait(signals:fd(), "r") over:set(true) end) }
    over:wait()
    for _, task in ipairs(tasks) do task:cancel() end
    follower:finish()
    repeat until not signals:next(0)
    return exit.ok
  end)
end

function verb.run(args, out)
  local name, why = machines.name(args.machine)
  if not name then return nil, why end
  local folder = machines.state(name)
  local list = logs.list(folder, args.source)
  if #list == 0 and not args.follow then
    return nil, ("machine '%s' has no logs%s"):format(name,
      args.source and " of " .. args.source or "")
  end
  local print = printer(args, name, out, #list > 1 or not args.source)
  -- heard from the first line on: whoever has seen one may press Ctrl-C
  local signals <close> = args.follow
    and assert(core.signals.open { signal.SIGINT, signal.SIGTERM, signal.SIGPIPE }) or nil
  if args.follow then return follow(args, folder, print, signals) end
  for _, log in ipairs(list) do
    for _, line in ipairs(logs.tail(log, args.lines)) do
      if not print(log, line) then return exit.ok end
    end
  end
  return exit.ok
end

return verb

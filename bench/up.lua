-- SPDX-License-Identifier: MIT
-- What a machine that lives on its own costs: `lunik up` over a bare exec of the same argv, fifty
-- machines over fifty bare ones, the supervisor's memory and wake-ups, and how late a hook is.
local dir = require "surroundings".dir
local bare = require "bare"
local core = require "lunik.core"
local lunik = require "lunik"
local measure = require "measure"
local time = require "posix.time"
local environment = measure.environment

local function write(path, text)
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
end

local function lunik_does(...)
  local child <close> = assert(core.proc.spawn { argv = { "build/lunik", ... }, env = environment })
  local how, status = child:wait(120)
  assert(how == "exited" and status == 0, ("lunik %s: %s %s"):format((...), how, status))
end

local function output(argv, seconds)
  local reader, writer = core.chan.pair()
  local child <close> = assert(core.proc.spawn { argv = argv, env = environment, path = true,
    fds = { [1] = writer:fd(), [2] = 2 } })
  writer:close()
  local parts = {}
  repeat
    local bytes = reader:read(65536, seconds or 60)
    parts[#parts + 1] = bytes
  until not bytes
  reader:close()
  child:wait(5)
  return table.concat(parts)
end

-- `lunik up` as a whole process until it says that the machine runs.
local function up(what, recipe, name)
  local plan = assert(lunik.plan(recipe, { set = { accel = "tcg" }, kept = true }))
  local a, b = measure.pairs(15, function() return bare.seconds(plan) end, function()
    local from = measure.now()
    lunik_does("up", "--paused", "--set", "accel=tcg", recipe)
    local seconds = measure.now() - from
    lunik_does("down", "--force", name)
    return seconds
  end)
  measure.print("up: " .. what, "ms", a, b)
end

local COUNT = 50

-- Fifty paused machines up and down at once, over fifty bare starts and quits at once.
local function many()
  local recipes, plans = {}, {}
  for i = 1, COUNT do
    recipes[i] = ("%s/m%d.lua"):format(dir, i)
    write(recipes[i], ("return machine { name = 'm%d', accel = 'tcg', memory = '64M' }"):format(i))
    plans[i] = assert(lunik.plan(recipes[i], { kept = true }))
  end
  local names = {}
  for i = 1, COUNT do names[i] = "m" .. i end
  local a, b = measure.pairs(5, function()
    local all, channels = {}, {}
    for i, plan in ipairs(plans) do all[i] = bare.new(plan) end
    local from = measure.now()
    for i, one in ipairs(all) do channels[i] = one:start() end
    for i, chan in ipairs(channels) do channels[i] = bare.answer(chan) end
    for _, qmp in ipairs(channels) do bare.quit(qmp) end
    for _, one in ipairs(all) do one.qemu:wait(10) end
    local seconds = measure.now() - from
    for _, one in ipairs(all) do one:close() end
    return seconds
  end, function()
    local from = measure.now()
    lunik_does("up", "--paused", table.unpack(recipes))
    lunik_does("down", "--force", table.unpack(names))
    return measure.now() - from
  end)
  measure.print(("up: %d paused machines up and down"):format(COUNT), "ms", a, b)
end

local function kilobytes(pid, what)
  local file <close> = assert(io.open(("/proc/%d/smaps_rollup"):format(pid)))
  return tonumber(file:read "a":match("\n" .. what .. ":%s+(%d+)"))
end

-- System calls of an idle supervisor in 30 seconds, by strace.
local function idle(pid)
  if not require "lunik.host".program "strace" then
    return print "up: no strace here: wake-ups not counted"
  end
  output { "sleep", "8" }          -- what starting has left is collected 1 and 5 seconds after it
  local trace = dir .. "/trace"
  output({ "timeout", "30", "strace", "-f", "-o", trace, "-p", ("%d"):format(pid) }, 40)
  local calls = 0
  for line in io.lines(trace) do
    if not line:find "resumed" and not line:find "unfinished" and not line:find "detached" then
      calls = calls + 1
    end
  end
  print(("%-44s %d"):format("up: system calls of it in 30 idle seconds", calls))
end

-- From QEMU's event, by its clock, to the first line of a hook, by the one that never jumps. The
-- machine has no CPUs: a guest that keeps a processor busy would be measured along.
local HOOKED = [[
return machine { name = "hooked", defaults = false, type = "none", qemu.nodefaults {},
  qemu.display { "none" },
  on("event", function(vm, event)
    local now, stamp = vm:now(), event.timestamp
    print(("latency %.6f %d.%06d"):format(now, stamp.seconds, stamp.microseconds))
  end),
}]]

local function wall()
  local now = time.clock_gettime(time.CLOCK_REALTIME)
  return now.tv_sec + now.tv_nsec / 1e9
end

local function latencies(path)
  local list, ahead = {}, wall() - measure.now()
  for line in io.lines(path) do
    local hook, event = line:match "latency (%S+) (%S+)"
    if hook then list[#list + 1] = tonumber(hook) + ahead - tonumber(event) end
  end
  table.sort(list)
  return list
end

local function hooks()
  write(dir .. "/hooked.lua", HOOKED)
  lunik_does("up", "--paused", dir .. "/hooked.lua")
  local vm <close> = assert(lunik.attach "hooked")
  for _ = 1, 100 do
    vm:qmp "cont"
    vm:qmp "stop"
  end
  local pid = vm:status().supervisor.pid
  local list = latencies(dir .. "/state/lunik/hooked/supervisor.log")
  print(("%-44s median %.0f us   worst of %d: %.0f us"):format("up: a hook after QEMU's event",
    list[#list // 2] * 1e6, #list, list[#list] * 1e6))
  print(("%-44s %d kB PSS, %d kB of its own"):format("up: a supervisor with hooks",
    kilobytes(pid, "Pss"), kilobytes(pid, "Private_Dirty")))
  vm:close()
  local floor, figure = measure.pairs(60,
    function() measure.run { measure.program(os.getenv "LUA" or "lua5.4"), "-e", "" } end,
    function() measure.run { "build/lunik", "status", "hooked" } end)
  measure.print("up: lunik status", "ms", floor, figure)
  idle(pid)
  lunik_does("down", "--force", "hooked")
end

write(dir .. "/plain.lua", "return machine { name = 'plain', accel = 'tcg', memory = '1G' }")
up("a plain machine", dir .. "/plain.lua", "plain")
up("examples/workspace, overlay and daemon too", "examples/workspace/vm.lua", "workspace")
many()
hooks()

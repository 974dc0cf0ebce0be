-- SPDX-License-Identifier: MIT
-- What the benches share: a floor and a figure, measured in turns in one run, so that
-- their ratio holds when the machine's speed drifts. Medians.
require "surroundings"        -- before anything asks where machines live
local core = require "lunik.core"
local time = require "posix.time"

local measure = {}

-- Seconds on the monotonic clock.
function measure.now()
  local t = time.clock_gettime(time.CLOCK_MONOTONIC)
  return t.tv_sec + t.tv_nsec / 1e9
end

-- The absolute path of a program.
function measure.program(name)
  return assert(require "lunik.host".program(name), name .. ": not in PATH")
end

local environment = {}
for _, name in ipairs { "PATH", "HOME", "LUA_PATH", "LUA_CPATH",
  "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CACHE_HOME" } do
  local value = os.getenv(name)
  if value then environment[#environment + 1] = name .. "=" .. value end
end
measure.environment = environment

-- Starts a program with nothing on its standard streams and waits for its end.
function measure.run(argv)
  local child <close> = assert(core.proc.spawn { argv = argv, env = environment })
  local how, value = child:wait(60)
  assert(how == "exited" and value == 0, ("%s: %s %s"):format(argv[1], how, value))
end

-- What lunik says, which has to end well. `err`: a descriptor for its standard error | nil
function measure.lunik(err, ...)
  local reader, writer = core.chan.pair()
  local child <close> = assert(core.proc.spawn { argv = { "build/lunik", ... },
    env = environment, fds = { [1] = writer:fd(), [2] = err } })
  writer:close()
  local parts = {}
  repeat
    local bytes = reader:read(65536, 600)
    parts[#parts + 1] = bytes
  until not bytes
  reader:close()
  local how, status = child:wait(60)
  assert(how == "exited" and status == 0, ("lunik %s: %s %s"):format((...), how, status))
  return table.concat(parts)
end

local function timed(work)
  local from = measure.now()
  work()
  return measure.now() - from
end

local function median(list)
  table.sort(list)
  return list[#list // 2 + 1]
end

-- Runs floor and figure in turns, `count` times each after a warm-up: two medians, seconds.
-- A function that returns a number is believed instead of the clock.
function measure.pairs(count, floor, figure)
  local a, b = {}, {}
  for i = 0, count do
    local x, y = measure.one(floor), measure.one(figure)
    if i > 0 then a[i], b[i] = x, y end
  end
  return median(a), median(b)
end

function measure.one(work)
  local own
  local wall = timed(function() own = work() end)
  return type(own) == "number" and own or wall
end

local units = { ms = 1e3, us = 1e6 }

-- One line: floor, figure, ratio.
function measure.print(what, unit, floor, figure)
  local scale = units[unit]
  print(("%-44s floor %8.2f %s   figure %8.2f %s   ratio %.2f"):format(what, floor * scale, unit,
    figure * scale, unit, figure / floor))
end

return measure

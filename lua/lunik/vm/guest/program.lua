-- SPDX-License-Identifier: MIT
-- Runs a program in the guest, by the road that leads there. Nothing is lost quietly: what is cut
-- says so, and of one whose time is over there is what it has printed; it is ended, or named.
local command = require "lunik.process.command"
local defer = require "lunik.async.defer"
local ending = require "lunik.vm.guest.ending"
local errno = require "posix.errno"
local road = require "lunik.vm.guest.road"
local shape = require "lunik.vm.guest.shape"

-- What most machines do not need is not loaded.
local function ssh() return require "lunik.vm.guest.ssh" end

local program = {}

local ENDING = 5           -- seconds to end a program in, and to hear of it

-- $@ with octal escapes, which become bytes again.
local DECODE = [[
for word; do
	word=$(printf '%bx' "$word")
	set -- "$@" "${word%x}"
	shift
done
exec "$@"
]]

-- JSON has no bytes that are not UTF-8: the guest's shell makes them.
local function as_text(argv)
  for _, word in ipairs(argv) do
    if not utf8.len(word) then
      local out = { "sh", "-c", DECODE, "lunik" }
      for i, each in ipairs(argv) do
        out[i + 4] = each:gsub("[\\\x80-\xff]", function(c) return ("\\0%03o"):format(c:byte()) end)
      end
      return out
    end
  end
  return argv
end

-- A result of what was still running, and `why` it could not be ended.
function program.late(done, pid, seconds, why)
  done.pid, done.late = pid, ("still running after %g s: %s"):format(seconds,
    why and ("pid %d in the guest %s"):format(pid, why)
    or ("ended, pid %d in the guest"):format(pid))
  return done
end

-- Why the script of lunik.vm.guest.ending could not end it | nil
function program.not_ended(done, why)
  if done and done.status == 0 then return nil end
  if done and done.status == 3 then
    return "has ended itself, and what it has started runs on and holds its output"
  end
  return "may run on: " .. (done and shape.shown(command.describe(done)) or why)
end

local roads = {}

-- What the agent says of a process in the end, as long as the agent is there.
local function while_there(guest, pid, seconds)
  local loop, over = guest.loop, guest.loop:latch()
  local tasks = {
    loop:spawn("exec", function()
      over:set(pcall(guest.agent.await, guest.agent, pid, seconds))
    end),
    loop:spawn("agent's end", function()
      while not guest.left do guest.changed:wait() end
      over:set(true, nil, road.LEFT, "unreachable")
    end) }
  local _ <close> = defer(function()
    for _, task in ipairs(tasks) do task:cancel() end
  end)
  local ok, done, why, code = over:wait()
  if not ok then error(done, 0) end
  return done, why, code
end

function roads.agent(guest, argv, options)
  local agent, now = guest.agent, guest.loop.now
  local ends = options.seconds and now() + options.seconds
  local pid, why, code = agent:start(as_text(argv), options)
  if not pid then return nil, why, code end
  local done
  done, why, code = while_there(guest, pid, ends and math.max(0, ends - now()))
  if done then return done end
  if code ~= errno.ETIMEDOUT or not ends or now() < ends then
    return nil, ("%s; it may run on, pid %d in the guest"):format(why, pid), code, pid
  end
  local failed = program.not_ended(agent:exec(ending.argv(pid, true), { seconds = ENDING }))
  if not failed then
    done, failed = agent:await(pid, ENDING)
    failed = failed and "may run on: " .. failed
  end
  return program.late(done or { out = "", err = "" }, pid, options.seconds, failed)
end

function roads.ssh(guest, argv, options)
  local forward = road.forward(guest)
  local function run(words, with)
    return ssh().exec(guest.loop, guest.plan, forward, words, with)
  end
  local done, why, code, printed = run(argv, options)
  if code == "unreachable" then guest.poller:doubt() end
  if done or not printed or not printed.pid then return done, why, code end
  local failed = program.not_ended(run(ending.argv(printed.pid), { seconds = ENDING }))
  printed.signal = not failed and 9 or nil
  return program.late(printed, printed.pid, options.seconds, failed)
end

-- What no program can be run with | nil
function program.wrong(argv)
  for _, word in ipairs(argv) do
    if word:find("\0", 1, true) then return "no argument of a program has a NUL byte" end
  end
end

-- By which road one would be run now: { by, note } | nil, why, code
function program.road(guest, seconds)
  local by, note, code = road.choose(guest, seconds)
  if not by then return nil, note, code end
  road.take(guest, by, note)
  return { by = by, note = note }
end

-- { status | signal, out, err, truncated, note (why by ssh), late (why it was ended), pid } | nil,
-- why, code. options: input (lunik.vm.guest.input), seconds
function program.run(guest, argv, options)
  local problem = program.wrong(argv)
  if problem then return nil, problem, "invalid" end
  local by, note, code = road.choose(guest, options.seconds)
  if not by then return nil, note, code end
  if by == "agent" and road.forward(guest) and guest.agent.has_no_room(options.input) then
    by, note = "ssh", "the agent takes no input as long as that: by ssh"
  end
  road.take(guest, by, note)
  local done, why, pid
  done, why, code, pid = roads[by](guest, argv, options)
  if done then
    done.note = note
    return done
  end
  local refused = by == "agent" and not pid and code == "CommandNotFound"
  if refused and road.forward(guest) then
    road.refused(guest)
    return program.run(guest, argv, options)
  end
  return nil, by == "agent" and road.advice(guest, why, code) or why, code
end

return program

-- SPDX-License-Identifier: MIT
-- A program in the guest with streams, by ssh, for a guest whose agent has none: ssh's own input
-- and outputs are followed as they come.
local command = require "lunik.process.command"
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local ending = require "lunik.vm.guest.ending"
local login = require "lunik.vm.guest.ssh"
local program = require "lunik.vm.guest.program"
local shape = require "lunik.vm.guest.shape"
local signal = require "lunik.system.signal"
local wait = require "lunik.async.wait"

local ssh = {}

local PIECE = 256 << 10
local MOST = 64 << 10      -- bytes of what it says that are kept
local ENDING = 5           -- seconds to end a program in
local GRACE = 5            -- … for its login to end then
local UNREACHED = 255      -- ssh's own status

local function open()
  local list, fds = {}, {}
  for fd = 0, 2 do
    local ours, theirs = core.chan.pair()
    if not ours then return nil, theirs end
    list[fd], fds[fd] = { ours = ours, theirs = theirs }, theirs:fd()
  end
  return list, fds
end

local function read(loop, chan, sink)
  while true do
    local bytes = wait.read(loop, chan, nil, PIECE)
    if not bytes or bytes == "" then return end
    sink(bytes)
  end
end

local function feed(loop, chan, source)
  for bytes in source do
    if not wait.send(loop, chan, bytes) then return end
  end
  chan:shutdown()
end

-- Runs the jobs, functions, until the first `count` have ended; raises what one of them raises.
local function all(loop, count, jobs)
  local over, tasks, left = loop:latch(), {}, count
  for i, job in ipairs(jobs) do
    tasks[i] = loop:spawn("ssh", function()
      local ok, why = pcall(job)
      left = i <= count and left - 1 or left
      if not ok or left == 0 then over:set(ok, why) end
    end)
  end
  local _ <close> = defer(function()
    for _, task in ipairs(tasks) do task:cancel() end
  end)
  local ok, why = over:wait()
  if not ok then error(why, 0) end
end

local function ended(loop, proc)
  local how, value = wait.exit(loop, proc)
  return { status = how == "exited" and value or nil, signal = how == "killed" and value or nil }
end

local function follow(loop, proc, chans, asked)
  local jobs = { function() read(loop, chans[1].ours, asked.stdout) end,
                 function() read(loop, chans[2].ours, asked.stderr) end }
  if asked.stdin then
    jobs[3] = function() feed(loop, chans[0].ours, asked.stdin) end
  end
  jobs[#jobs + 1] = asked.gone
  all(loop, 2, jobs)
  return ended(loop, proc)
end

-- Runs what `argv`, of ssh, says: { status | signal } | nil, why. asked: stdin, stdout, stderr, as
-- vm:exec has them; gone, which raises when it is to be ended
local function run(loop, argv, env, asked)
  table.insert(argv, 2, "-oBatchMode=yes")         -- there is nobody to be asked for a password
  local chans, fds = open()
  if not chans then return nil, fds end
  local proc, why = core.proc.spawn { argv = argv, env = env, fds = fds, group = true, path = true }
  for fd = 0, 2 do chans[fd].theirs:close() end
  if not asked.stdin then chans[0].ours:shutdown() end
  local _ <close> = defer(function()
    if proc and not proc:wait(0) then
      proc:signal_group(signal.KILL)
      proc:wait(1)
    end
    if proc then proc:close() end
    for fd = 0, 2 do chans[fd].ours:close() end
  end)
  if not proc then return nil, why end
  return follow(loop, proc, chans, asked)
end

-- Keeps the beginning of what is said.
local function keeper()
  local said, size = {}, 0
  return function(bytes)
    if size < MOST then said[#said + 1] = bytes end
    size = size + #bytes
  end, function() return table.concat(said) end
end

-- Runs what `argv`, of ssh, says: { status | signal, err } | nil, why, code. asked: stdin, stdout,
-- as vm:exec has them; gone, as above
function ssh.run(loop, argv, env, asked)
  local keep, said = keeper()
  local done, why = run(loop, argv, env, { stdin = asked.stdin, stderr = keep,
                                           stdout = asked.stdout or function() end,
                                           gone = asked.gone })
  if not done then return nil, why end
  done.err = said()
  if done.status ~= UNREACHED then return done end
  done.err = shape.shown(done.err)
  return nil, "ssh " .. command.describe(done), "unreachable"
end

-- Where the outputs of a login go: what comes before the mark is no program's. { stdout, stderr,
-- said(), pid, begun }
local function sorted(mark, out, err)
  local self, held = {}, ""
  local keep, said = keeper()
  self.said = said
  function self.stderr(bytes)
    if self.begun then return err.put(bytes) end
    keep(bytes)
  end
  function self.stdout(bytes)
    if self.begun then return out.put(bytes) end
    held = held .. bytes
    local rest, pid = login.unmarked(held, mark)
    if not rest then
      held = held:sub(-MOST)
      return
    end
    self.begun, self.pid = true, pid
    err.put(said())
    out.put(rest)
  end
  return self
end

-- Ends the program of a login: why it could not be | nil
local function finish(loop, doors, pid)
  local argv, why = doors.ssh_argv(ending.argv(pid))
  if not argv then return why end
  table.insert(argv, 2, "-oBatchMode=yes")
  return program.not_ended(command.run(loop, argv, { env = doors.env(), seconds = ENDING }))
end

-- Ends it when its time is over: a function that does that, and raises where the login is still
-- there afterwards. When its outputs end before it has heard how that went, it has gone well.
local function limit(loop, doors, asked, found)
  return function()
    loop:sleep(asked.seconds)
    if not found.pid then error({ slow = true }, 0) end
    found.late = true
    found.why = finish(loop, doors, found.pid)
    loop:sleep(GRACE)
    error({ slow = true }, 0)
  end
end

-- Runs a program of the guest's: { status | signal, late, pid } | nil, why, code. `doors`:
-- ssh_argv(argv), env(); `asked`: argv, stdin, seconds; `out` and `err` take its outputs, by
-- put(bytes).
function ssh.exec(loop, doors, asked, out, err)
  local words, mark = login.marked(asked.argv)
  local argv, no_ssh, code = doors.ssh_argv(words)
  if not argv then return nil, no_ssh, code end
  local found = sorted(mark, out, err)
  local ok, done, why = pcall(run, loop, argv, doors.env(), { stdin = asked.stdin,
    stdout = found.stdout, stderr = found.stderr,
    gone = asked.seconds and limit(loop, doors, asked, found) or nil })
  if not ok and not (type(done) == "table" and done.slow) then error(done, 0) end
  if found.late then
    done = { signal = not found.why and signal.KILL or nil }
    return program.late(done, found.pid, asked.seconds, found.why)
  elseif not ok then
    return nil, ("ssh: still running after %g seconds"):format(asked.seconds), "timeout"
  elseif done and not found.begun then
    done.err = found.said()
    return login.not_reached(done)
  end
  return done, why
end

return ssh

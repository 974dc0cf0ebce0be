-- SPDX-License-Identifier: MIT
-- A program in the guest with streams, by ssh, for a guest whose agent has none: ssh's own input
-- and outputs are followed as they come.
local command = require "lunik.process.command"
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local shape = require "lunik.vm.guest.shape"
local signal = require "lunik.system.signal"
local wait = require "lunik.async.wait"

local ssh = {}

local PIECE = 256 << 10
local MOST = 64 << 10      -- bytes of what it says that are kept
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
  local said, size = {}, 0
  all(loop, 2, {
    function() read(loop, chans[1].ours, asked.stdout or function() end) end,
    function()
      read(loop, chans[2].ours, function(bytes)
        if size < MOST then said[#said + 1] = bytes end
        size = size + #bytes
      end)
    end,
    asked.stdin and function() feed(loop, chans[0].ours, asked.stdin) end })
  local done = ended(loop, proc)
  done.err = table.concat(said)
  if done.status ~= UNREACHED then return done end
  done.err = shape.shown(done.err)
  return nil, "ssh " .. command.describe(done), "unreachable"
end

-- Runs what `argv`, of ssh, says: { status | signal, err } | nil, why, code. asked: stdin, stdout,
-- as vm:exec has them
function ssh.run(loop, argv, env, asked)
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

return ssh

-- SPDX-License-Identifier: MIT
-- Runs a program to its end and keeps what it wrote: an argument vector, never a
-- shell; whatever way the caller is left, the program does not outlive it.
local core = require "lunik.core"
local defer = require "lunik.async.defer"
local errno = require "posix.errno"
local signal = require "lunik.system.signal"
local wait = require "lunik.async.wait"

local command = {}

local GRACE = 0.1              -- seconds for output that a child of the program may still hold
local CHUNK = 65536            -- bytes that are read at once

-- Collects what a channel carries until its end.
local function collect(loop, chan)
  local reader = { parts = {} }
  reader.task = loop:spawn("output", function()
    local bytes
    repeat
      bytes = wait.read(loop, chan, nil, CHUNK)
      reader.parts[#reader.parts + 1] = bytes
    until not bytes
  end)
  return reader
end

local function spawn(argv, options, out, err)
  local fds = { [1] = out:fd(), [2] = err:fd() }
  for child, parent in pairs(options.fds or {}) do fds[child] = parent end
  return core.proc.spawn { argv = argv, env = options.env, fds = fds, cwd = options.cwd,
                           group = true, path = not argv[1]:find("/", 1, true) }
end

local function stop(proc, readers)
  if not proc:wait(0) then
    proc:signal_group(signal.KILL)
    proc:wait(1)
  end
  proc:close()
  for _, reader in ipairs(readers) do reader.task:cancel() end
end

-- Returns what the program wrote. A child of its own may hold the output open for longer; that
-- one is waited for no longer than GRACE.
local function written(reader)
  reader.task:join(GRACE)
  return table.concat(reader.parts)
end

-- Makes channels for both outputs: a list of { ours, theirs } that closes them | nil, why, errno
local function outputs()
  local list = {}
  local function close()
    for _, pair in ipairs(list) do
      pair[1]:close()
      pair[2]:close()
    end
  end
  for i = 1, 2 do
    local ours, theirs, code = core.chan.pair()
    if not ours then
      close()
      return nil, theirs, code
    end
    list[i] = { ours, theirs }
  end
  return setmetatable(list, { __close = close })
end

-- options: seconds, env (list of "K=V", complete), fds, cwd
-- Returns { status | signal, out, err } | nil, why, errno
function command.run(loop, argv, options)
  options = options or {}
  local output <close>, why, code = outputs()
  if not output then return nil, why, code end
  local proc
  proc, why, code = spawn(argv, options, output[1][2], output[2][2])
  if not proc then return nil, why, code end
  local readers = { collect(loop, output[1][1]), collect(loop, output[2][1]) }
  local _ <close> = defer(function() stop(proc, readers) end)
  for _, pair in ipairs(output) do pair[2]:close() end
  local how, value, failed = wait.exit(loop, proc, options.seconds)
  if not how then
    if failed ~= errno.ETIMEDOUT then return nil, value, failed end
    return nil, ("%s: still running after %g seconds"):format(argv[1], options.seconds), failed
  end
  return { status = how == "exited" and value or nil, signal = how == "killed" and value or nil,
           out = written(readers[1]), err = written(readers[2]) }
end

-- How a result reads in a message: "exited with status 1: what it said"
function command.describe(result)
  local how = result.status and ("exited with status %d"):format(result.status)
              or result.signal and ("killed by signal %d"):format(result.signal) or "ended"
  local said = result.err:gsub("%s+$", ""):gsub("\n+", "; ")
  return said ~= "" and how .. ": " .. said or how
end

return command

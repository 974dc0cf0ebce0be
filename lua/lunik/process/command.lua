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
local MOST = 16 << 20          -- bytes of each output that are kept

-- Keeps so many bytes of what is read.
local function keep(reader, bytes)
  local room = reader.most - reader.size
  if #bytes > room then
    reader.cut = true
    bytes = bytes:sub(1, room)
  end
  if bytes == "" then return end
  reader.parts[#reader.parts + 1], reader.size = bytes, reader.size + #bytes
end

-- Collects what a channel carries until its end; what is over `most` bytes is read, and dropped.
local function collect(loop, chan, most)
  local reader = { parts = {}, size = 0, most = most or MOST }
  reader.task = loop:spawn("output", function()
    while true do
      local bytes = wait.read(loop, chan, nil, CHUNK)
      if not bytes then return end
      keep(reader, bytes)
    end
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

-- What it came to, as far as it is known.
local function outcome(readers, how, value)
  return { status = how == "exited" and value or nil, signal = how == "killed" and value or nil,
           out = written(readers[1]), err = written(readers[2]),
           truncated = readers[1].cut or readers[2].cut or nil }
end

-- options: seconds, env (list of "K=V", complete), fds, cwd, most (bytes of each output to keep)
-- Returns { status | signal, out, err, truncated } | nil, why, errno; and where the time is over
-- what it has written by then
function command.run(loop, argv, options)
  options = options or {}
  local output <close>, why, code = outputs()
  if not output then return nil, why, code end
  local proc
  proc, why, code = spawn(argv, options, output[1][2], output[2][2])
  if not proc then return nil, why, code end
  local readers = { collect(loop, output[1][1], options.most),
                    collect(loop, output[2][1], options.most) }
  local _ <close> = defer(function() stop(proc, readers) end)
  for _, pair in ipairs(output) do pair[2]:close() end
  local how, value, failed = wait.exit(loop, proc, options.seconds)
  if not how then
    if failed ~= errno.ETIMEDOUT then return nil, value, failed end
    return nil, ("%s: still running after %g seconds"):format(argv[1], options.seconds), failed,
           outcome(readers)
  end
  return outcome(readers, how, value)
end

-- How a result reads in a message: "exited with status 1: what it said"
function command.describe(result)
  local how = result.status and ("exited with status %d"):format(result.status)
              or result.signal and ("killed by signal %d"):format(result.signal) or "ended"
  local said = result.err:gsub("%s+$", ""):gsub("\n+", "; ")
  return said ~= "" and how .. ": " .. said or how
end

return command

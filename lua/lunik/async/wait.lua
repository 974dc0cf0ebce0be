-- SPDX-License-Identifier: MIT
-- Waiting for handles of the core from a task: the handle is asked without blocking,
-- and the loop sleeps on its descriptor. Outside a task the handle itself blocks.
local errno = require "posix.errno"
local poll = require "posix.poll"

local tidy = require "lunik.async.tidy"

local wait = {}

local FULL = 1             -- seconds until it is tried again to accept

-- Whoever waited for its turn may find that the handle has been closed meanwhile.
local function closed() return nil, "closed here", errno.EBADF end

-- What was received, which counts as passed through.
local function noted(loop, bytes, ...)
  if bytes then tidy.note(loop, #bytes) end
  return bytes, ...
end

-- Calls `try(handle, seconds)` until it answers something other than "not yet".
local function patiently(loop, handle, seconds, try)
  if not loop:can_wait() then return try(handle, seconds) end
  local ends = seconds and loop.now() + seconds
  while true do
    loop:served()
    if not handle:is_open() then return closed() end
    local result = table.pack(try(handle, 0))
    if result[1] or result[3] ~= errno.ETIMEDOUT then
      return table.unpack(result, 1, result.n)
    end
    local left = ends and ends - loop.now()
    if left and left <= 0 then return table.unpack(result, 1, result.n) end
    loop:wait(handle:fd(), "r", left)
  end
end

-- Whether a descriptor can be read within so many seconds.
function wait.readable(loop, fd, seconds)
  if loop:can_wait() then return loop:wait(fd, "r", seconds) ~= nil end
  return poll.rpoll(fd, seconds and math.ceil(seconds * 1000) or -1) == 1
end

-- Receives a line from a channel, and the descriptors that came with it.
function wait.line(loop, chan, seconds, max, fds)
  return noted(loop, patiently(loop, chan, seconds, function(from, limit)
    return from:receive(limit, max, fds)
  end))
end

function wait.read(loop, chan, seconds, max, fds)
  return noted(loop, patiently(loop, chan, seconds, function(from, limit)
    return from:read(max, limit, fds)
  end))
end

local CHUNK = 16384     -- a unix socket that is writable has room for more than this

-- Sends all of `bytes`: true | nil, why, errno. After a failure a part may have gone.
function wait.send(loop, chan, bytes, seconds)
  if not loop:can_wait() then return chan:send(bytes, seconds) end
  local ends = seconds and loop.now() + seconds
  for at = 1, #bytes, CHUNK do
    if not chan:is_open() then return closed() end
    local ok, why, code = loop:wait(chan:fd(), "w", ends and ends - loop.now())
    if not chan:is_open() then return closed() end
    if ok then ok, why, code = chan:send(bytes:sub(at, at + CHUNK - 1), 0) end
    if not ok then return nil, why, code end
  end
  return true
end

-- A task's work: lets in whoever comes, as welcome(chan). Where no descriptor is free they stay in
-- the backlog for a while.
function wait.clients(loop, listening, welcome)
  while true do
    loop:wait(listening:fd(), "r")
    local chan, _, code = listening:accept(0)
    if chan then
      welcome(chan)
    elseif code ~= errno.ETIMEDOUT then
      loop:sleep(FULL)
    end
  end
end

-- "exited", status | "killed", signal | nil, why, ETIMEDOUT
function wait.exit(loop, proc, seconds)
  return patiently(loop, proc, seconds, function(from, limit)
    return from:wait(limit)
  end)
end


return wait

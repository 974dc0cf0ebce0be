-- SPDX-License-Identifier: MIT
-- The user's terminal: raw while a guest's console is on it, and as it was on every
-- way out; output that waits for a slow reader without stopping anything else.
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local stat = require "posix.sys.stat"
local termio = require "posix.termio"
local unistd = require "posix.unistd"

local terminal = {}

-- What a terminal in cooked mode would do to the bytes; output stays cooked, so that
-- messages from the host keep their line ends.
local IFLAGS = { "IGNBRK", "BRKINT", "PARMRK", "ISTRIP", "INLCR", "IGNCR", "ICRNL", "IXON" }
local LFLAGS = { "ECHO", "ECHONL", "ICANON", "ISIG", "IEXTEN" }

local function without(flags, names)
  for _, name in ipairs(names) do flags = flags & ~termio[name] end
  return flags
end

-- True when `fd` is a terminal and this process may use it now.
function terminal.is_ours(fd)
  return unistd.isatty(fd) == 1 and unistd.tcgetpgrp(fd) == unistd.getpgrp()
end

-- Makes the terminal raw: a value whose close (or `restore`) makes it what it was | nil, why
function terminal.raw(fd)
  local before, why = termio.tcgetattr(fd)
  if not before then return nil, why end
  local now = termio.tcgetattr(fd)
  now.iflag, now.lflag = without(now.iflag, IFLAGS), without(now.lflag, LFLAGS)
  now.cc[termio.VMIN], now.cc[termio.VTIME] = 1, 0
  local ok
  ok, why = termio.tcsetattr(fd, termio.TCSANOW, now)
  if not ok then return nil, why end
  local saved = { restore = function() termio.tcsetattr(fd, termio.TCSADRAIN, before) end }
  return setmetatable(saved, { __close = saved.restore })
end

-- Calls `fn(bytes)` with what is typed, until the end of input.
function terminal.read(loop, fd, fn)
  while true do
    loop:wait(fd, "r")
    local bytes = unistd.read(fd, 4096)
    if not bytes or bytes == "" then return end
    fn(bytes)
  end
end

-- A descriptor of our own for the same terminal or pipe: O_NONBLOCK on the one we were
-- given would be seen by everybody who shares it. What cannot be opened again (a
-- socket, a terminal of somebody else) is written in small pieces.
local function own(fd)
  local info = stat.fstat(fd)
  if unistd.isatty(fd) ~= 1 and not (info and stat.S_ISFIFO(info.st_mode) ~= 0) then return nil end
  return fcntl.open(("/proc/self/fd/%d"):format(fd),
                    fcntl.O_WRONLY | fcntl.O_NONBLOCK | fcntl.O_NOCTTY | fcntl.O_CLOEXEC)
end

local PIECE = 512

-- A function that writes all it is given from a task. When nobody reads any more, what
-- is written is dropped. What goes through a pipe or into a file may come to a terminal in the end,
-- which must not answer the questions in it.
function terminal.writer(loop, fd)
  local to, gone = own(fd), false
  local past = unistd.isatty(fd) ~= 1 and require "lunik.text.queries".new()
  return function(bytes)
    if past then bytes = past:feed(bytes) end
    while #bytes > 0 and not gone do
      loop:wait(to or fd, "w")
      local n, _, code = unistd.write(to or fd, to and bytes or bytes:sub(1, PIECE))
      if n then
        bytes = bytes:sub(n + 1)
      elseif code ~= errno.EAGAIN and code ~= errno.EINTR then
        gone = true
      end
    end
  end
end

return terminal

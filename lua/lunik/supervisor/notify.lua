-- SPDX-License-Identifier: MIT
-- What a service tells systemd, by sd_notify(3): a datagram to the socket that it was given.
local fcntl = require "posix.fcntl"
local socket = require "posix.sys.socket"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

local notify = {}

-- "@name" is a name in the kernel's own space: its first byte is a NUL.
local function address(text)
  return { family = socket.AF_UNIX, path = (text:gsub("^@", "\0")) }
end

-- Sends one message to the socket `to`: true | nil, why. It is never waited for.
function notify.send(to, message)
  local fd, why = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM, 0)
  if not fd then return nil, "notify: " .. why end
  fcntl.fcntl(fd, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
  fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.O_NONBLOCK)
  local ok
  ok, why = socket.sendto(fd, message, address(to))
  unistd.close(fd)
  if ok then return true end
  return nil, ("notify %s: %s"):format(to, why)
end

-- Takes the socket out of the environment, so that no child speaks for us. A function that sends;
-- where nobody listens it does nothing.
function notify.take()
  local to = os.getenv "NOTIFY_SOCKET"
  if not to or to == "" then return function() return true end end
  stdlib.setenv("NOTIFY_SOCKET", nil)
  return function(message) return notify.send(to, message) end
end

return notify

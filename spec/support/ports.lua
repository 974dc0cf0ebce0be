-- Ports of this host that specs have.
local socket = require "posix.sys.socket"
local unistd = require "posix.unistd"

local ports = {}

-- One that nobody listens on: the kernel gives another one to whoever asks next.
function ports.free()
  local fd = assert(socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0))
  assert(socket.bind(fd, { family = socket.AF_INET, addr = "127.0.0.1", port = 0 }))
  local port = socket.getsockname(fd).port
  unistd.close(fd)
  return port
end

return ports

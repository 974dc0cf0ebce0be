-- SPDX-License-Identifier: MIT
-- A serial port on a unix socket that QEMU listens on.
local kind = require "lunik.schema.kind"
local qemu = require "lunik.qemu"

local socket = {
  doc = "a unix socket that QEMU listens on",
  fields = {
    { "socket", kind = kind.path(), required = true, example = 'socket = "serial.sock"',
      doc = "path of the socket" },
  },
  fork = "refuse", no_fork = "one machine alone can listen on this socket",
}

-- unix(7): 108 bytes; clients that end the path with a NUL manage 107
function socket.check(serial)
  if serial.socket and #serial.socket > 107 then
    return nil, "socket", "a socket's path has at most 107 bytes"
  end
  return true
end

function socket.emit(plan, serial)
  local id = plan:id "serial"
  plan:add(qemu.chardev { "socket", id = id, path = serial.socket, server = true, wait = false })
  plan:add(qemu.serial { "chardev:" .. id })
end

return socket

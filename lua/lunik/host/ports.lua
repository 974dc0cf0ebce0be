-- SPDX-License-Identifier: MIT
-- Whether this host would let somebody listen on a port: by binding it for a moment, with nobody
-- listening, so that nothing can connect meanwhile.
local errno = require "posix.errno"
local socket = require "posix.sys.socket"
local unistd = require "posix.unistd"

local kinds = { tcp = socket.SOCK_STREAM, udp = socket.SOCK_DGRAM }

-- As QEMU listens: old connections of a port are not in its way (util/qemu-sockets.c).
local function bound(protocol, found)
  local fd, why, code = socket.socket(found.family, kinds[protocol], 0)
  if not fd then return nil, why, code end
  if protocol == "tcp" then socket.setsockopt(fd, socket.SOL_SOCKET, socket.SO_REUSEADDR, 1) end
  if found.family == socket.AF_INET6 then
    socket.setsockopt(fd, socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
  end
  local ok
  ok, why, code = socket.bind(fd, found)
  unistd.close(fd)
  return ok, why, code
end

-- The address as a number, without asking a name server: a list of them, IPv4 before IPv6 | nil.
local function places(protocol, address, port)
  local names = address == "" and { "0.0.0.0", "::" } or address == "localhost"
                and { "127.0.0.1", "::1" } or { address }
  local out = {}
  for _, name in ipairs(names) do
    local list = socket.getaddrinfo(name, tostring(port), { socktype = kinds[protocol],
      flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV })
    out[#out + 1] = list and list[1]
  end
  return out[1] and out
end

local refusals = { [errno.EADDRINUSE] = "taken", [errno.EACCES] = "denied",
  [errno.EADDRNOTAVAIL] = "elsewhere" }

-- Whether a port can be listened on, at an address ("": all of them, as far as this host has IPv6):
-- true | nil, "taken", "denied" or "elsewhere": the address is none of this host. What nobody but a
-- name server could tell counts as free.
return function(protocol, address, port)
  for i, place in ipairs(places(protocol, address, port) or {}) do
    local ok, _, code = bound(protocol, place)
    local word = refusals[code]
    -- a host without IPv6 has no such address
    if not ok and word and not (i > 1 and word == "elsewhere") then return nil, word end
  end
  return true
end

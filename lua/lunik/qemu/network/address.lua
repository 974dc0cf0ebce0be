-- SPDX-License-Identifier: MIT
-- A socket address as keys "PREFIX.type", "PREFIX.host" … (qapi/sockets.json:SocketAddress);
-- vsock addresses are refused by the netdevs that take these.
local kind = require "lunik.qemu.kind"

local members = {
  { "host", kind = kind.address, doc = "inet: name or address" },
  { "port", kind = kind.text, doc = "inet: port, a number or a service's name" },
  { "numeric", kind = kind.on_off, doc = "inet: host is an address, not a name" },
  { "to", kind = kind.port, doc = "inet: last port to try when listening" },
  { "ipv4", kind = kind.on_off, doc = "inet: IPv4" },
  { "ipv6", kind = kind.on_off, doc = "inet: IPv6" },
  { "keep-alive", kind = kind.on_off, doc = "inet: probe an idle connection" },
  { "keep-alive-count", kind = kind.count, since = "10.1", doc = "inet: probes until it is dead" },
  { "keep-alive-idle", kind = kind.count, since = "10.1",
    doc = "inet: seconds until the first probe" },
  { "keep-alive-interval", kind = kind.count, since = "10.1",
    doc = "inet: seconds between probes" },
  { "mptcp", kind = kind.on_off, doc = "inet: multipath TCP" },
  { "path", kind = kind.path, doc = "unix: socket's path" },
  { "abstract", kind = kind.on_off, default = "off", doc = "unix: in the abstract name space" },
  { "tight", kind = kind.on_off, default = "on", doc = "unix: abstract name is not padded" },
}

local types, with_fd = kind.one_of { "inet", "unix" }, kind.one_of { "inet", "unix", "fd" }
local descriptor = { kind = kind.word,
doc = "fd: a descriptor's number, or its name in the monitor" }

local function named(name, key)
  local out = { name }
  for field, value in pairs(key) do
    if field ~= 1 then out[field] = value end
  end
  return out
end

-- Those keys under `prefix`, appended to `keys`; `no_fd` where a descriptor is refused.
return function(prefix, keys, no_fd)
  keys[#keys + 1] = { prefix .. ".type", kind = no_fd and types or with_fd,
  doc = "kind of address" }
  if not no_fd then keys[#keys + 1] = named(prefix .. ".str", descriptor) end
  for _, member in ipairs(members) do
    keys[#keys + 1] = named(prefix .. "." .. member[1], member)
  end
  return keys
end

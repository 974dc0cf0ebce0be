-- SPDX-License-Identifier: MIT
-- A socket address as keys "PREFIX.type", "PREFIX.host" … (qapi/sockets.json:SocketAddress);
-- vsock addresses are refused by the netdevs that take these.
local kind = require "lunik.qemu.kind"

local members = {
  { "type", kind = kind.one_of { "inet", "unix", "fd" }, doc = "kind of address" },
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
  { "str", kind = kind.word, doc = "fd: a descriptor's number, or its name in the monitor" },
}

-- Those keys under `prefix`, appended to `keys`.
return function(prefix, keys)
  for _, member in ipairs(members) do
    local key = {}
    for name, value in pairs(member) do key[name] = value end
    key[1] = prefix .. "." .. member[1]
    keys[#keys + 1] = key
  end
  return keys
end

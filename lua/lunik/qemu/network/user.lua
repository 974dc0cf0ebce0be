-- SPDX-License-Identifier: MIT
-- Keys of -netdev user: QEMU's own NAT, which needs no privileges (net/slirp.c).
local kind = require "lunik.qemu.kind"

-- net/slirp.c:slirp_hostfwd; from 11.0 also "unix:PATH-…" (qapi/net.json).
local hostfwd = kind.define("hostfwd", 'a forward such as "tcp:127.0.0.1:2222-:22"', function(value)
  if type(value) ~= "string" then return nil end
  local protocol, port, guest = value:match "^(%l*):[^:]*:(%d+)%-[^:]*:(%d+)$"
  if value:find "^unix:/.*%-[^:]*:%d+$" then return value end
  if not protocol or protocol ~= "" and protocol ~= "tcp" and protocol ~= "udp" then return nil end
  if #port > 5 or tonumber(port) > 65535 then return nil, "no such port: " .. port end
  if #guest > 5 or tonumber(guest) > 65535 or tonumber(guest) == 0 then
    return nil, "no such port in the guest: " .. guest
  end
  return value
end)

-- net/slirp.c:slirp_guestfwd: a backend in -serial's short form, or "cmd:" and a command.
local guestfwd = kind.define("guestfwd", 'a forward such as "tcp:10.0.2.100:80-cmd:httpd -i"',
  function(value)
    if type(value) == "string" and value:find "^t?c?p?:[^:]+:%d+%-[^%z]+$" then return value end
  end, { backend = function(value)
    local forward, backend = value:match "^([^-]*%-)(.*)$"
    if forward and not backend:find "^cmd:" then return forward, backend end
  end })

return { doc = "NAT in user space, no privileges needed",
  { "ipv4", kind = kind.on_off, default = "on", doc = "IPv4 for the guest" },
  { "net", kind = kind.text, default = "10.0.2.0/24",
    doc = "network the guest sees, ADDRESS[/MASK]" },
  { "host", kind = kind.address, default = "net's second address",
    doc = "the host, seen from the guest" },
  { "ip", kind = kind.address, deprecated = "use net", doc = "net, of 24 bits" },
  { "ipv6", kind = kind.on_off, default = "on", doc = "IPv6 for the guest" },
  { "ipv6-net", kind = kind.text, default = "fec0::/64",
    doc = "IPv6 network the guest sees, PREFIX[/LENGTH]" },
  { "ipv6-prefix", kind = kind.address, default = "fec0::", doc = "prefix of the IPv6 network" },
  { "ipv6-prefixlen", kind = kind.int(0, 126), default = "64", doc = "length of that prefix" },
  { "ipv6-host", kind = kind.address, doc = "the host's IPv6 address, seen from the guest" },
  { "restrict", kind = kind.on_off, default = "off",
    doc = "no way out for the guest; forwards still work" },
  { "hostname", kind = kind.text, doc = "name that DHCP gives the guest" },
  { "dhcpstart", kind = kind.address, default = "net's 15th address",
    doc = "first of DHCP's 16 addresses" },
  { "dns", kind = kind.address, default = "net's third address",
    doc = "name server, seen from the guest" },
  { "ipv6-dns", kind = kind.address, default = "fec0::3",
    doc = "IPv6 name server, seen from the guest" },
  { "dnssearch", kind = kind.text, repeats = true, doc = "a domain that the guest searches" },
  { "domainname", kind = kind.text, doc = "domain that DHCP gives the guest" },
  { "tftp", kind = kind.folder, doc = "folder served by TFTP" },
  { "tftp-server-name", kind = kind.text, doc = "TFTP server's name in DHCP (RFC 2132)" },
  { "bootfile", kind = kind.text, doc = "file to boot, for DHCP" },
  { "smb", kind = kind.folder, doc = "folder served by Samba" },
  { "smbserver", kind = kind.address, default = "net's fourth address",
    doc = "Samba's address, seen from the guest" },
  { "hostfwd", kind = hostfwd, look = "forward", repeats = true,
    doc = "host port to guest port: [PROTOCOL]:[ADDRESS]:PORT-[GUEST]:PORT" },
  { "guestfwd", kind = guestfwd, repeats = true,
    doc = "guest's TCP connections to a backend or command" },
}

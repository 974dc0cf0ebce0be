-- SPDX-License-Identifier: MIT
-- Network backends and their keys, shared by -netdev, -nic and -net (qapi/net.json).
local kind = require "lunik.qemu.kind"
local address = require "lunik.qemu.network.address"

local fd = kind.word
local on_mac = "macOS's own network (vmnet)"

local function vmnet(doc, keys)
  keys.doc, keys.only_on = doc, on_mac
  keys[#keys + 1] = { "isolated", kind = kind.on_off, doc = "only the host is reached" }
  return keys
end

local function range(more)
  local keys = {
    { "start-address", kind = kind.address, doc = "first IPv4 address, the gateway" },
    { "end-address", kind = kind.address, doc = "last IPv4 address of DHCP" },
    { "subnet-mask", kind = kind.address, doc = "IPv4 mask" },
  }
  keys[#keys + 1] = more
  return keys
end

local backends = {
  user = require "lunik.qemu.network.user",
  passt = require "lunik.qemu.network.passt",
  tap = { doc = "a tap interface of the host",
    { "ifname", kind = kind.word, doc = "the interface's name" },
    { "fd", kind = fd, doc = "an open tap" },
    { "fds", kind = kind.text, doc = "open taps, one for each queue, with colons between" },
    { "script", kind = kind.path, default = "/etc/qemu-ifup",
      doc = 'program that brings it up; "no" for none' },
    { "downscript", kind = kind.path, default = "/etc/qemu-ifdown",
      doc = 'program that takes it down; "no" for none' },
    { "br", kind = kind.word, default = "br0", doc = "bridge, for the helper" },
    { "helper", kind = kind.text, doc = "command that makes a tap on the bridge" },
    { "sndbuf", kind = kind.size, doc = "limit of what is queued for sending" },
    { "vnet_hdr", kind = kind.on_off, doc = "packets carry offload headers" },
    { "vhost", kind = kind.on_off, doc = "packets are moved by the kernel" },
    { "vhostfd", kind = fd, doc = "an open vhost-net" },
    { "vhostfds", kind = kind.text,
      doc = "open vhost-nets, one for each queue, with colons between" },
    { "vhostforce", kind = kind.on_off, doc = "vhost for guests without MSI-X too" },
    { "queues", kind = kind.int(1), default = "1", doc = "number of queues" },
    { "poll-us", kind = kind.count, doc = "microseconds of busy polling" },
  },
  bridge = { doc = "a tap on a bridge of the host, made by a helper",
    { "br", kind = kind.word, default = "br0", doc = "the bridge" },
    { "helper", kind = kind.text, doc = "command that makes the tap" },
  },
  l2tpv3 = { doc = "an L2TPv3 tunnel (RFC 3931)",
    { "src", kind = kind.address, required = true, doc = "own address" },
    { "dst", kind = kind.address, required = true, doc = "peer's address" },
    { "srcport", kind = kind.text, doc = "own UDP port" },
    { "dstport", kind = kind.text, doc = "peer's UDP port" },
    { "ipv6", kind = kind.on_off, default = "off", doc = "IPv6" },
    { "udp", kind = kind.on_off, default = "off", doc = "inside UDP" },
    { "cookie64", kind = kind.on_off, default = "off", doc = "cookies of 64 bits" },
    { "counter", kind = kind.on_off, doc = "packets are numbered" },
    { "pincounter", kind = kind.on_off, doc = "numbers stay 0, for broken peers" },
    { "txcookie", kind = kind.int(), doc = "cookie sent" },
    { "rxcookie", kind = kind.int(), doc = "cookie expected" },
    { "txsession", kind = kind.int(0, 0xffffffff), required = true, doc = "session sent" },
    { "rxsession", kind = kind.int(0, 0xffffffff), default = "txsession",
      doc = "session expected" },
    { "offset", kind = kind.count, doc = "bytes between header and packet" },
  },
  socket = { doc = "packets over a TCP connection or UDP to other QEMUs",
    { "fd", kind = fd, doc = "an open socket" },
    { "listen", kind = kind.text, doc = "[HOST]:PORT to listen on" },
    { "connect", kind = kind.text, doc = "HOST:PORT to connect to" },
    { "mcast", kind = kind.text, doc = "ADDRESS:PORT of a multicast group" },
    { "localaddr", kind = kind.text, doc = "own ADDRESS[:PORT] for mcast and udp" },
    { "udp", kind = kind.text, doc = "HOST:PORT to send to" },
  },
  stream = address("addr", { doc = "packets over a stream socket (passt, other QEMUs)",
    { "server", kind = kind.on_off, default = "off", doc = "listen instead of connecting" },
    { "reconnect", kind = kind.count, since = "8.0", removed = "10.2",
      deprecated = "use reconnect-ms", doc = "seconds until connecting anew" },
    { "reconnect-ms", kind = kind.count, since = "9.2", default = "0",
      doc = "milliseconds until connecting anew" },
  }),
  dgram = address("remote", address("local", { doc = "packets over a datagram socket" })),
  vde = { doc = "a port of a VDE switch",
    { "sock", kind = kind.path, doc = "the switch's socket" },
    { "port", kind = kind.port, doc = "port of the switch" },
    { "group", kind = kind.word, doc = "group of the port's socket" },
    { "mode", kind = kind.int(0, 511), doc = "mode of the port's socket" },
  },
  netmap = { doc = "a netmap interface or VALE port",
    { "ifname", kind = kind.word, required = true, doc = "interface, or valeSWITCH:PORT" },
    { "devname", kind = kind.path, default = "/dev/netmap", doc = "netmap's device" },
  },
  ["af-xdp"] = { since = "8.2", doc = "an interface of the host, by AF_XDP sockets",
    { "ifname", kind = kind.word, required = true, doc = "the interface" },
    { "mode", kind = kind.one_of { "native", "skb" }, doc = "how the XDP program is attached" },
    { "force-copy", kind = kind.on_off, default = "off", doc = "copy where zero-copy would do" },
    { "queues", kind = kind.int(1), default = "1", doc = "number of queues" },
    { "start-queue", kind = kind.count, default = "0", doc = "the first of them" },
    { "inhibit", kind = kind.on_off, default = "off",
      doc = "use the program that is loaded already" },
    { "sock-fds", kind = kind.text, doc = "open sockets, one for each queue, with colons between" },
    { "map-path", kind = kind.path, since = "10.1", doc = "pinned map to put the sockets in" },
    { "map-start-index", kind = kind.count, since = "10.1", doc = "first index in that map" },
  },
  ["vhost-user"] = { doc = "a process that moves the packets (DPDK, passt)",
    { "chardev", kind = kind.ref "chardev", ref = "chardev", required = true, doc = "its socket" },
    { "vhostforce", kind = kind.on_off, default = "off",
      doc = "vhost for guests without MSI-X too" },
    { "queues", kind = kind.int(1), default = "1", doc = "number of queues" },
  },
  ["vhost-vdpa"] = { doc = "a vDPA device",
    { "vhostdev", kind = kind.path, default = "/dev/vhost-vdpa-0", doc = "its device" },
    { "vhostfd", kind = fd, doc = "the open device" },
    { "queues", kind = kind.int(1), default = "1", doc = "number of queues" },
    { "x-svq", kind = kind.on_off, default = "off", doc = "shadow virtqueue (experimental)" },
  },
  hubport = { doc = "a port of a hub inside QEMU",
    { "hubid", kind = kind.int(-2147483648, 2147483647), required = true,
      doc = "number of the hub" },
    { "netdev", kind = kind.ref "netdev", ref = "netdev",
      doc = "connect this netdev, not a device" },
  },
  ["vmnet-host"] = vmnet("macOS: a network with the host",
    range { "net-uuid", kind = kind.uuid, doc = "isolated network to join" }),
  ["vmnet-shared"] = vmnet("macOS: NAT",
    range { "nat66-prefix", kind = kind.text, doc = "unique local IPv6 prefix of 64 bits" }),
  ["vmnet-bridged"] = vmnet("macOS: a bridge with an interface", {
    { "ifname", kind = kind.word, required = true, doc = "the interface" },
  }),
}

return backends

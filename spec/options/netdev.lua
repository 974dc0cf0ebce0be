-- SPDX-License-Identifier: MIT
local tap = "needs a tap of the host"
local mac = "needs macOS"
local none = { "-machine", "none" }

return {
  { { "user", id = "n0", ipv4 = true, net = "10.9.0.0/24", host = "10.9.0.2", ipv6 = true,
      ipv6_prefix = "fec0:1::", ipv6_prefixlen = 64, ipv6_host = "fec0:1::2", ipv6_dns = "fec0:1::3",
      restrict = true, hostname = "box", dhcpstart = "10.9.0.20", dns = "10.9.0.3",
      dnssearch = { "a.example", "b.example" }, domainname = "c.example", tftp = "/srv/a,b",
      tftp_server_name = "boot", bootfile = "/pxe", hostfwd = { "tcp:127.0.0.1:0-:22", "udp::0-10.9.0.20:53" } },
    "user,id=n0,bootfile=/pxe,dhcpstart=10.9.0.20,dns=10.9.0.3,dnssearch=a.example,dnssearch=b.example,"
      .. "domainname=c.example,host=10.9.0.2,hostfwd=tcp:127.0.0.1:0-:22,hostfwd=udp::0-10.9.0.20:53,"
      .. "hostname=box,ipv4=on,ipv6=on,ipv6-dns=fec0:1::3,ipv6-host=fec0:1::2,ipv6-prefix=fec0:1::,"
      .. "ipv6-prefixlen=64,net=10.9.0.0/24,restrict=on,tftp=/srv/a,,b,tftp-server-name=boot",
    try = none },
  { { "user", id = "n0", ipv6_net = "fec0:2::/64" }, "user,id=n0,ipv6-net=fec0:2::/64", try = none },
  { { "user", id = "n0", ip = "10.9.0.0/24" }, "user,id=n0,ip=10.9.0.0/24", try = none },
  { { "user", id = "n0", guestfwd = { "tcp:10.0.2.100:80-cmd:cat", ":10.0.2.101:81-tcp:127.0.0.1:1,server=on,wait=off" } },
    "user,id=n0,guestfwd=tcp:10.0.2.100:80-cmd:cat,guestfwd=:10.0.2.101:81-tcp:127.0.0.1:1,,server=on,,wait=off",
    try = none },
  { { "user", id = "n0", hostfwd = "unix:/run/ssh.sock-:22" }, "user,id=n0,hostfwd=unix:/run/ssh.sock-:22",
    since = "11.0", try = none },
  { { "user", id = "n0", smb = "/srv", smbserver = "10.0.2.4" }, "user,id=n0,smb=/srv,smbserver=10.0.2.4",
    try = "needs smbd" },
  { { "passt", id = "n0", path = "/usr/bin/passt", quiet = true, vhost_user = true, mtu = 1500, address = "10.0.2.15",
      netmask = "255.255.255.0", mac = "52:54:00:12:34:56", gateway = "10.0.2.2", interface = "eth0",
      outbound = "10.0.0.1", outbound_if4 = "eth0", outbound_if6 = "eth1", dns = "10.0.2.3", search = { "a", "b" },
      fqdn = "box.example", dhcp_dns = true, dhcp_search = false, map_host_loopback = "10.0.2.2",
      map_guest_addr = "10.0.2.15", dns_forward = "10.0.2.3", dns_host = "10.0.0.1", tcp = true, udp = true,
      icmp = true, dhcp = true, ndp = true, dhcpv6 = true, ra = true, freebind = false, ipv4 = true, ipv6 = false,
      tcp_ports = { "2222:22", "80" }, udp_ports = "53", param = "--no-map-gw" },
    "passt,id=n0,address=10.0.2.15,dhcp=on,dhcp-dns=on,dhcp-search=off,dhcpv6=on,dns=10.0.2.3,"
      .. "dns-forward=10.0.2.3,dns-host=10.0.0.1,fqdn=box.example,freebind=off,gateway=10.0.2.2,icmp=on,"
      .. "interface=eth0,ipv4=on,ipv6=off,mac=52:54:00:12:34:56,map-guest-addr=10.0.2.15,"
      .. "map-host-loopback=10.0.2.2,mtu=1500,ndp=on,netmask=255.255.255.0,outbound=10.0.0.1,"
      .. "outbound-if4=eth0,outbound-if6=eth1,param=--no-map-gw,path=/usr/bin/passt,quiet=on,ra=on,search=a,"
      .. "search=b,tcp=on,tcp-ports=2222:22,tcp-ports=80,udp=on,udp-ports=53,vhost-user=on",
    since = "10.1", try = "needs passt" },
  { { "tap", id = "n0", ifname = "tap0", script = "no", downscript = "no", sndbuf = "1M", vnet_hdr = true,
      vhost = false, vhostforce = false, queues = 2, poll_us = 100 },
    "tap,id=n0,downscript=no,ifname=tap0,poll-us=100,queues=2,script=no,sndbuf=1M,vhost=off,"
      .. "vhostforce=off,vnet_hdr=on", try = tap },
  { { "tap", id = "n0", fd = "5", vhostfd = "6" }, "tap,id=n0,fd=5,vhostfd=6", try = tap },
  { { "tap", id = "n0", fds = "5:6", vhostfds = "7:8" }, "tap,id=n0,fds=5:6,vhostfds=7:8", try = tap },
  { { "tap", id = "n0", br = "br0", helper = "/usr/lib/qemu/qemu-bridge-helper" },
    "tap,id=n0,br=br0,helper=/usr/lib/qemu/qemu-bridge-helper", try = "needs a bridge of the host" },
  { { "bridge", id = "n0", br = "br0", helper = "/usr/lib/qemu/qemu-bridge-helper" },
    "bridge,id=n0,br=br0,helper=/usr/lib/qemu/qemu-bridge-helper", try = "needs a bridge of the host" },
  { { "l2tpv3", id = "n0", src = "127.0.0.1", dst = "127.0.0.1", srcport = "16384", dstport = "16385", ipv6 = false,
      udp = true, cookie64 = true, counter = true, pincounter = false, txcookie = "0x0123456789abcdef",
      rxcookie = 5, txsession = 4294967295, rxsession = 1, offset = 4 },
    "l2tpv3,id=n0,cookie64=on,counter=on,dst=127.0.0.1,dstport=16385,ipv6=off,offset=4,pincounter=off,"
      .. "rxcookie=5,rxsession=1,src=127.0.0.1,srcport=16384,txcookie=0x0123456789abcdef,"
      .. "txsession=4294967295,udp=on", try = none },
  { { "socket", id = "n0", listen = "127.0.0.1:0" }, "socket,id=n0,listen=127.0.0.1:0", try = none },
  { { "socket", id = "n0", connect = "127.0.0.1:9" }, "socket,id=n0,connect=127.0.0.1:9", try = "needs a peer" },
  { { "socket", id = "n0", udp = "127.0.0.1:9", localaddr = "127.0.0.1:0" },
    "socket,id=n0,localaddr=127.0.0.1:0,udp=127.0.0.1:9", try = none },
  { { "socket", id = "n0", mcast = "230.0.0.1:1234", localaddr = "127.0.0.1" },
    "socket,id=n0,localaddr=127.0.0.1,mcast=230.0.0.1:1234", try = none },
  { { "socket", id = "n0", fd = "7" }, "socket,id=n0,fd=7", try = "needs an open socket" },
  { { "stream", id = "n0", server = true, ["addr.type"] = "unix", ["addr.path"] = "@dir/a,b",
      ["addr.abstract"] = false, ["addr.tight"] = true },
    "stream,id=n0,addr.abstract=off,addr.path=@dir/a,,b,addr.tight=on,addr.type=unix,server=on", try = none },
  { { "stream", id = "n0", server = true, ["addr.type"] = "inet", ["addr.host"] = "127.0.0.1", ["addr.port"] = "0",
      ["addr.numeric"] = true, ["addr.ipv4"] = true, ["addr.ipv6"] = false },
    "stream,id=n0,addr.host=127.0.0.1,addr.ipv4=on,addr.ipv6=off,addr.numeric=on,addr.port=0,"
      .. "addr.type=inet,server=on", try = none },
  { { "stream", id = "n0", server = true, ["addr.type"] = "inet", ["addr.host"] = "127.0.0.1",
      ["addr.port"] = "46000", ["addr.to"] = 46999 },
    "stream,id=n0,addr.host=127.0.0.1,addr.port=46000,addr.to=46999,addr.type=inet,server=on", try = none },
  { { "stream", id = "n0", server = false, ["addr.type"] = "inet", ["addr.host"] = "127.0.0.1",
      ["addr.port"] = "9", ["addr.keep-alive"] = true, ["addr.mptcp"] = false },
    "stream,id=n0,addr.host=127.0.0.1,addr.keep-alive=on,addr.mptcp=off,addr.port=9,addr.type=inet,server=off",
    try = none },
  { { "stream", id = "n0", ["addr.type"] = "inet", ["addr.host"] = "127.0.0.1", ["addr.port"] = "9",
      ["addr.keep-alive"] = true, ["addr.keep-alive-count"] = 3, ["addr.keep-alive-idle"] = 60,
      ["addr.keep-alive-interval"] = 5 },
    "stream,id=n0,addr.host=127.0.0.1,addr.keep-alive=on,addr.keep-alive-count=3,addr.keep-alive-idle=60,"
      .. "addr.keep-alive-interval=5,addr.port=9,addr.type=inet", since = "10.1", try = none },
  { { "stream", id = "n0", ["addr.type"] = "fd", ["addr.str"] = "7" }, "stream,id=n0,addr.str=7,addr.type=fd",
    try = "needs an open socket" },
  { { "stream", id = "n0", ["addr.type"] = "unix", ["addr.path"] = "@dir/none", reconnect = 5 },
    "stream,id=n0,addr.path=@dir/none,addr.type=unix,reconnect=5", since = "8.0", removed = "10.2", try = none },
  { { "stream", id = "n0", ["addr.type"] = "unix", ["addr.path"] = "@dir/none", reconnect_ms = 500 },
    "stream,id=n0,addr.path=@dir/none,addr.type=unix,reconnect-ms=500", since = "9.2", try = none },
  { { "dgram", id = "n0", ["local.type"] = "inet", ["local.host"] = "127.0.0.1", ["local.port"] = "0",
      ["local.numeric"] = true, ["local.ipv4"] = true, ["local.ipv6"] = false,
      ["remote.type"] = "inet", ["remote.host"] = "127.0.0.1", ["remote.port"] = "9", ["remote.numeric"] = true,
      ["remote.ipv4"] = true, ["remote.ipv6"] = false },
    "dgram,id=n0,local.host=127.0.0.1,local.ipv4=on,local.ipv6=off,local.numeric=on,local.port=0,"
      .. "local.type=inet,remote.host=127.0.0.1,remote.ipv4=on,remote.ipv6=off,remote.numeric=on,"
      .. "remote.port=9,remote.type=inet", try = none },
  { { "dgram", id = "n0", ["local.type"] = "unix", ["local.path"] = "@dir/l", ["local.abstract"] = false,
      ["local.tight"] = true, ["remote.type"] = "unix", ["remote.path"] = "@dir/r", ["remote.abstract"] = false,
      ["remote.tight"] = true },
    "dgram,id=n0,local.abstract=off,local.path=@dir/l,local.tight=on,local.type=unix,remote.abstract=off,"
      .. "remote.path=@dir/r,remote.tight=on,remote.type=unix", try = none },
  { { "dgram", id = "n0", ["local.type"] = "inet", ["local.host"] = "127.0.0.1", ["local.port"] = "0",
      ["local.to"] = 9, ["local.keep-alive"] = false, ["local.mptcp"] = false, ["remote.type"] = "inet",
      ["remote.host"] = "127.0.0.1", ["remote.port"] = "9", ["remote.to"] = 9, ["remote.keep-alive"] = false,
      ["remote.mptcp"] = false },
    "dgram,id=n0,local.host=127.0.0.1,local.keep-alive=off,local.mptcp=off,local.port=0,local.to=9,"
      .. "local.type=inet,remote.host=127.0.0.1,remote.keep-alive=off,remote.mptcp=off,remote.port=9,"
      .. "remote.to=9,remote.type=inet", try = none },
  { { "dgram", id = "n0", ["local.type"] = "inet", ["local.host"] = "127.0.0.1", ["local.port"] = "0",
      ["local.keep-alive-count"] = 3, ["local.keep-alive-idle"] = 60, ["local.keep-alive-interval"] = 5,
      ["remote.type"] = "inet", ["remote.host"] = "127.0.0.1", ["remote.port"] = "9",
      ["remote.keep-alive-count"] = 3, ["remote.keep-alive-idle"] = 60, ["remote.keep-alive-interval"] = 5 },
    "dgram,id=n0,local.host=127.0.0.1,local.keep-alive-count=3,local.keep-alive-idle=60,"
      .. "local.keep-alive-interval=5,local.port=0,local.type=inet,remote.host=127.0.0.1,"
      .. "remote.keep-alive-count=3,remote.keep-alive-idle=60,remote.keep-alive-interval=5,remote.port=9,"
      .. "remote.type=inet", since = "10.1", try = none },
  { { "dgram", id = "n0", ["local.type"] = "fd", ["local.str"] = "7" }, "dgram,id=n0,local.str=7,local.type=fd",
    try = "needs an open socket" },
  { { "vde", id = "n0", sock = "/run/vde", port = 1, group = "vde", mode = "0700" },
    "vde,id=n0,group=vde,mode=0700,port=1,sock=/run/vde", try = "needs a VDE switch" },
  { { "netmap", id = "n0", ifname = "vale0:1", devname = "/dev/netmap" },
    "netmap,id=n0,devname=/dev/netmap,ifname=vale0:1", try = "needs netmap" },
  { { "af-xdp", id = "n0", ifname = "eth0", mode = "skb", force_copy = true, queues = 1, start_queue = 0,
      inhibit = true, sock_fds = "5" },
    "af-xdp,id=n0,force-copy=on,ifname=eth0,inhibit=on,mode=skb,queues=1,sock-fds=5,start-queue=0",
    since = "8.2", try = "needs AF_XDP" },
  { { "af-xdp", id = "n0", ifname = "eth0", inhibit = true, map_path = "/sys/fs/bpf/xsk", map_start_index = 2 },
    "af-xdp,id=n0,ifname=eth0,inhibit=on,map-path=/sys/fs/bpf/xsk,map-start-index=2",
    since = "10.1", try = "needs AF_XDP" },
  { { "vhost-user", id = "n0", chardev = "c0", vhostforce = true, queues = 2 },
    "vhost-user,id=n0,chardev=c0,queues=2,vhostforce=on", try = "needs a vhost-user peer" },
  { { "vhost-vdpa", id = "n0", vhostdev = "/dev/vhost-vdpa-0", queues = 1, x_svq = false },
    "vhost-vdpa,id=n0,queues=1,vhostdev=/dev/vhost-vdpa-0,x-svq=off", try = "needs a vDPA device" },
  { { "vhost-vdpa", id = "n0", vhostfd = "5" }, "vhost-vdpa,id=n0,vhostfd=5", try = "needs a vDPA device" },
  { { "hubport", id = "h0", hubid = 3, netdev = "n1" }, "hubport,id=h0,hubid=3,netdev=n1",
    try = { "-machine", "none", "-netdev", "user,id=n1" } },
  { { "vmnet-host", id = "n0", start_address = "192.168.9.1", end_address = "192.168.9.99",
      subnet_mask = "255.255.255.0", isolated = true, net_uuid = "b64d5bf0-0b4a-4a0b-9a3c-0d6f1a1c5f3d" },
    "vmnet-host,id=n0,end-address=192.168.9.99,isolated=on,net-uuid=b64d5bf0-0b4a-4a0b-9a3c-0d6f1a1c5f3d,"
      .. "start-address=192.168.9.1,subnet-mask=255.255.255.0", try = mac },
  { { "vmnet-shared", id = "n0", start_address = "192.168.9.1", end_address = "192.168.9.99",
      subnet_mask = "255.255.255.0", isolated = true, nat66_prefix = "fd00:9::" },
    "vmnet-shared,id=n0,end-address=192.168.9.99,isolated=on,nat66-prefix=fd00:9::,"
      .. "start-address=192.168.9.1,subnet-mask=255.255.255.0", try = mac },
  { { "vmnet-bridged", id = "n0", ifname = "en0", isolated = false },
    "vmnet-bridged,id=n0,ifname=en0,isolated=off", try = mac },
}

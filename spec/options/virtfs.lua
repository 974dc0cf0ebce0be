-- SPDX-License-Identifier: MIT
return {
  { { "local", path = "@dir/a,b", mount_tag = "t", security_model = "mapped-file", id = "fs0",
    readonly = true,
      writeout = "immediate", fmode = "0644", dmode = "0755", multidevs = "forbid" },
    "local,path=@dir/a,,b,mount_tag=t,dmode=0755,fmode=0644,id=fs0,multidevs=forbid,readonly=on,"
      .. "security_model=mapped-file,writeout=immediate", try = { { file = "@dir/a,b/inside" } } },
  { { "local", path = "@dir", mount_tag = "t", security_model = "none", max_xattr = 100 },
    "local,path=@dir,mount_tag=t,max_xattr=100,security_model=none", since = "10.0", try = {} },
  { { "proxy", mount_tag = "t", socket = "@dir/helper" },
    "proxy,mount_tag=t,socket=@dir/helper", removed = "9.2",
    try = "needs virtfs-proxy-helper" },
  { { "proxy", mount_tag = "t", sock_fd = 5 }, "proxy,mount_tag=t,sock_fd=5", removed = "9.2",
    try = "needs virtfs-proxy-helper" },
  { { "synth", mount_tag = "t" }, "synth,mount_tag=t", try = {} },
}

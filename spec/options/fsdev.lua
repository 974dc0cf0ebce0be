-- SPDX-License-Identifier: MIT
return {
  { { "local", id = "fs0", path = "@dir/a,b", security_model = "mapped-xattr", readonly = true,
    writeout = "immediate",
      fmode = "0644", dmode = "0755", multidevs = "remap" },
    "local,id=fs0,path=@dir/a,,b,dmode=0755,fmode=0644,multidevs=remap,readonly=on,"
      .. "security_model=mapped-xattr,"
      .. "writeout=immediate",
    try = { { file = "@dir/a,b/inside" }, "-device", "virtio-9p-pci,fsdev=fs0,mount_tag=t" } },
  { { "local", id = "fs0", path = "@dir", security_model = "none",
    throttling = { ["bps-total"] = 1000000,
      ["bps-total-max"] = 2000000, ["bps-total-max-length"] = 2, ["iops-total"] = 100,
        ["iops-total-max"] = 200,
      ["iops-total-max-length"] = 2, ["iops-size"] = 4096 } },
    "local,id=fs0,path=@dir,security_model=none,throttling.bps-total=1000000,"
      .. "throttling.bps-total-max=2000000,"
      .. "throttling.bps-total-max-length=2,throttling.iops-size=4096,throttling.iops-total=100,"
      .. "throttling.iops-total-max=200,throttling.iops-total-max-length=2", try = {} },
  { { "local", id = "fs0", path = "@dir", security_model = "none",
    throttling = { ["bps-read"] = 1000000,
      ["bps-read-max"] = 2000000, ["bps-read-max-length"] = 2, ["iops-read"] = 100,
        ["iops-read-max"] = 200,
      ["iops-read-max-length"] = 2, ["bps-write"] = 1000000, ["bps-write-max"] = 2000000,
        ["bps-write-max-length"] = 2,
      ["iops-write"] = 100, ["iops-write-max"] = 200, ["iops-write-max-length"] = 2 } },
    "local,id=fs0,path=@dir,security_model=none,throttling.bps-read=1000000,"
      .. "throttling.bps-read-max=2000000,"
      .. "throttling.bps-read-max-length=2,throttling.bps-write=1000000,"
        .. "throttling.bps-write-max=2000000,"
      .. "throttling.bps-write-max-length=2,throttling.iops-read=100,throttling.iops-read-max=200,"
      .. "throttling.iops-read-max-length=2,throttling.iops-write=100,"
        .. "throttling.iops-write-max=200,"
      .. "throttling.iops-write-max-length=2", try = {} },
  { { "local", id = "fs0", path = "@dir", security_model = "none", max_xattr = 0 },
    "local,id=fs0,path=@dir,max_xattr=0,security_model=none", since = "10.0", try = {} },
  { { "proxy", id = "fs0", socket = "@dir/helper" },
    "proxy,id=fs0,socket=@dir/helper", removed = "9.2",
    try = "needs virtfs-proxy-helper" },
  { { "proxy", id = "fs0", sock_fd = 5 }, "proxy,id=fs0,sock_fd=5", removed = "9.2", try = {} },
  { { "synth", id = "fs0" }, "synth,id=fs0", try = {} },
}

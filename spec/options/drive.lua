-- SPDX-License-Identifier: MIT
local disk = { { file = "@dir/disk.img", size = 1048576 } }

-- One key beside an image.
local function with(key, value, text, more)
  local case = { { file = "@dir/disk.img", format = "raw", [key] = value },
    "file=@dir/disk.img,format=raw," .. text, try = disk }
  for name, each in pairs(more or {}) do case[name] = each end
  return case
end

return {
  { { file = "@dir/a,b.img", id = "d0", ["if"] = "none", format = "raw" },
    "file=@dir/a,,b.img,id=d0,if=none,format=raw",
      try = { { file = "@dir/a,b.img", size = 1048576 } } },
  { { ["if"] = "ide", bus = 1, unit = 0, media = "cdrom", readonly = true },
    "if=ide,bus=1,media=cdrom,readonly=on,unit=0",
    try = { "-nodefaults" } },
  { { file = "@dir/disk.img", ["if"] = "scsi", format = "raw", index = 1 },
    "file=@dir/disk.img,if=scsi,format=raw,index=1", arch = "aarch64",
    try = { "-machine", "versatilepb", disk[1] } },
  { { file = "@dir/disk.img", ["if"] = "floppy", format = "raw" },
    "file=@dir/disk.img,if=floppy,format=raw",
    try = { { file = "@dir/disk.img", size = 1474560 } } },
  { { file = "@dir/disk.img", ["if"] = "pflash", format = "raw" },
    "file=@dir/disk.img,if=pflash,format=raw",
    try = { { file = "@dir/disk.img", size = 1048576 } } },
  { { file = "@dir/disk.img", ["if"] = "virtio", format = "raw" },
    "file=@dir/disk.img,if=virtio,format=raw", try = disk },
  { { file = "@dir/disk.img", ["if"] = "sd", format = "raw" },
    "file=@dir/disk.img,if=sd,format=raw", arch = "aarch64",
    try = { "-machine", "vexpress-a9", disk[1] } },
  { { file = "@dir/disk.img", ["if"] = "mtd", format = "raw" },
    "file=@dir/disk.img,if=mtd,format=raw", arch = "aarch64",
    try = { "-machine", "xilinx-zynq-a9", { file = "@dir/disk.img", size = 16777216 } } },
  { { file = "@dir/disk.img", ["if"] = "xen", format = "raw" },
    "file=@dir/disk.img,if=xen,format=raw", try = "needs Xen" },
  { { file = "@dir/disk.img", ["if"] = "none", format = "raw", read_only = true },
    "file=@dir/disk.img,if=none,format=raw,read-only=on", try = disk },
  with("snapshot", true, "snapshot=on"),
  with("auto_read_only", true, "auto-read-only=on"), with("force_share", false, "force-share=off"),
  with("cache", "none", "cache=none"), with("cache", "writeback", "cache=writeback"),
  with("cache", "unsafe", "cache=unsafe"), with("cache", "directsync", "cache=directsync"),
  with("cache", "writethrough", "cache=writethrough"), with("cache", "off", "cache=off"),
  with("cache", { writeback = false, direct = true, ["no-flush"] = false },
    "cache.direct=on,cache.no-flush=off,cache.writeback=off"),
  with("aio", "threads", "aio=threads"), with("aio", "io_uring", "aio=io_uring"),
  { { file = "@dir/disk.img", format = "raw", aio = "native", cache = { direct = true } },
    "file=@dir/disk.img,format=raw,aio=native,cache.direct=on", try = disk },
  with("discard", "unmap", "discard=unmap"), with("discard", false, "discard=off"),
  { { file = "@dir/disk.img", format = "raw", detect_zeroes = "unmap", discard = true },
    "file=@dir/disk.img,format=raw,detect-zeroes=unmap,discard=on", try = disk },
  with("copy_on_read", true, "copy-on-read=on"), with("werror", "stop", "werror=stop"),
  with("rerror", "ignore", "rerror=ignore"),
  with("stats_account_invalid", false, "stats-account-invalid=off"),
  with("stats_account_failed", false, "stats-account-failed=off"),
  { { driver = "raw", ["if"] = "none", id = "d0", node_name = "n0", file = { driver = "null-co",
    size = 1048576 } },
    "id=d0,if=none,driver=raw,file.driver=null-co,file.size=1048576,node-name=n0", try = {} },
  { { file = "@dir/disk.img", format = "raw", bps = 1000000, bps_max = 2000000, iops = 100,
    iops_max = 200,
      iops_size = 4096, group = "g0" },
    "file=@dir/disk.img,format=raw,bps=1000000,bps_max=2000000,group=g0,iops=100,iops_max=200,"
      .. "iops_size=4096",
    try = disk },
  { { file = "@dir/disk.img", format = "raw", bps_rd = 1000000, bps_rd_max = 2000000,
    bps_wr = 1000000,
      bps_wr_max = 2000000, iops_rd = 100, iops_rd_max = 200, iops_wr = 100, iops_wr_max = 200 },
    "file=@dir/disk.img,format=raw,bps_rd=1000000,bps_rd_max=2000000,bps_wr=1000000,"
      .. "bps_wr_max=2000000,iops_rd=100,"
      .. "iops_rd_max=200,iops_wr=100,iops_wr_max=200", try = disk },
  with("throttling", { group = "g0", ["iops-size"] = 4096, ["bps-total"] = 1000000,
    ["bps-total-max"] = 2000000,
      ["bps-total-max-length"] = 2, ["iops-total"] = 100, ["iops-total-max"] = 200,
        ["iops-total-max-length"] = 2 },
    "throttling.bps-total=1000000,throttling.bps-total-max=2000000,"
      .. "throttling.bps-total-max-length=2,"
      .. "throttling.group=g0,throttling.iops-size=4096,throttling.iops-total=100,"
        .. "throttling.iops-total-max=200,"
      .. "throttling.iops-total-max-length=2"),
  with("throttling", { ["bps-read"] = 1000000, ["bps-read-max"] = 2000000,
    ["bps-read-max-length"] = 2,
      ["bps-write"] = 1000000, ["bps-write-max"] = 2000000, ["bps-write-max-length"] = 2,
        ["iops-read"] = 100,
      ["iops-read-max"] = 200, ["iops-read-max-length"] = 2, ["iops-write"] = 100,
        ["iops-write-max"] = 200,
      ["iops-write-max-length"] = 2 },
    "throttling.bps-read=1000000,throttling.bps-read-max=2000000,throttling.bps-read-max-length=2,"
      .. "throttling.bps-write=1000000,throttling.bps-write-max=2000000,"
        .. "throttling.bps-write-max-length=2,"
      .. "throttling.iops-read=100,throttling.iops-read-max=200,throttling.iops-read-max-length=2,"
      .. "throttling.iops-write=100,throttling.iops-write-max=200,"
        .. "throttling.iops-write-max-length=2"),
}

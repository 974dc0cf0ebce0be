-- SPDX-License-Identifier: MIT
local image = { file = "@dir/disk.img", size = 1048576 }
local inner = { driver = "file", filename = "@dir/disk.img" }
local innards = "file.driver=file,file.filename=@dir/disk.img"

-- A format that an image of it proves.
local function format(name, keys, text, case)
  local args = { name, node_name = "n0", file = inner }
  for key, value in pairs(keys or {}) do args[key] = value end
  local out = { args, name .. ",node-name=n0," .. (text or innards),
    try = { { file = "@dir/disk.img", size = 1048576, create = name } } }
  for key, value in pairs(case or {}) do out[key] = value end
  return out
end

-- A filter above a node of zeroes.
local function filter(name, keys, text, case)
  local args = { name, node_name = "n0", file = "n1" }
  for key, value in pairs(keys or {}) do args[key] = value end
  local out = { args, ("%s,node-name=n0,%s"):format(name, text or "file=n1"),
    try = { first = true, "-blockdev", "null-co,node-name=n1,size=1048576,read-zeroes=on" } }
  for key, value in pairs(case or {}) do out[key] = value end
  return out
end

local secret = "secret,id=s0,data=letmein"

-- What an encrypted image needs: its secret, and the image, with few rounds of hashing.
local function encrypted(form, options)
  return { try = { first = true, "-object", secret,
    { file = "@dir/disk.img", size = 1048576, create = form,
      with = { "--object", secret, "-o", options } } } }
end

local two = { first = true, "-blockdev", "null-co,node-name=n1,size=1048576,read-zeroes=on",
  "-blockdev", "null-co,node-name=n2,size=1048576,read-zeroes=on" }
local told = table.move(two, 1, #two, 1, { first = true, says = "The target block device" })
local module = "a module of another package"
local blkio = "Debian's QEMU is built without libblkio"

local cases = {
  { { "file", node_name = "n0", filename = "@dir/a,b.img", aio = "threads", aio_max_batch = 8,
    locking = "auto",
      drop_cache = false, x_check_cache_dropped = false },
    "file,node-name=n0,aio=threads,aio-max-batch=8,drop-cache=off,filename=@dir/a,,b.img,"
      .. "locking=auto,"
      .. "x-check-cache-dropped=off", try = { { file = "@dir/a,b.img", size = 1048576 } } },
  { { "file", node_name = "n0", filename = "@dir/disk.img", pr_manager = "p0" },
    "file,node-name=n0,filename=@dir/disk.img,pr-manager=p0", try = "needs qemu-pr-helper" },
  { { "null-co", node_name = "n0", size = 1048576, latency_ns = 0, read_zeroes = true,
    read_only = true,
      auto_read_only = true, force_share = true, cache = { direct = true, ["no-flush"] = true },
        discard = "unmap",
      detect_zeroes = "unmap" },
    "null-co,node-name=n0,auto-read-only=on,cache.direct=on,cache.no-flush=on,"
      .. "detect-zeroes=unmap,discard=unmap,"
      .. "force-share=on,latency-ns=0,read-only=on,read-zeroes=on,size=1048576", try = {} },
  { { "null-co", node_name = "n0", active = false },
    "null-co,node-name=n0,active=off", since = "10.0", try = {} },
  { { "null-aio", node_name = "n0", size = 1048576, latency_ns = 1, read_zeroes = false },
    "null-aio,node-name=n0,latency-ns=1,read-zeroes=off,size=1048576", try = {} },
  { { "nvme", node_name = "n0", device = "0000:01:00.0", namespace = 1 },
    "nvme,node-name=n0,device=0000:01:00.0,namespace=1", try = "needs an NVMe controller" },
  { { "vvfat", node_name = "n0", dir = "@dir/a,b", fat_type = 16, floppy = false, label = "LUNIK",
    rw = true },
    "vvfat,node-name=n0,dir=@dir/a,,b,fat-type=16,floppy=off,label=LUNIK,rw=on",
      try = { { file = "@dir/a,b/inside" } } },

  { { "raw", node_name = "n0", file = inner, offset = 512, size = 1024 },
    "raw,node-name=n0," .. innards .. ",offset=512,size=1024", try = { image } },
  format("qcow2", { backing = "n1", lazy_refcounts = true, pass_discard_request = true,
    pass_discard_snapshot = true,
      pass_discard_other = true, overlap_check = "all", cache_size = 2097152,
        l2_cache_size = 1048576,
      l2_cache_entry_size = 4096, cache_clean_interval = 60 },
    "backing=n1,cache-clean-interval=60,cache-size=2097152," .. innards
      .. ",l2-cache-entry-size=4096,"
      .. "l2-cache-size=1048576,lazy-refcounts=on,overlap-check=all,pass-discard-other=on,"
        .. "pass-discard-request=on,"
      .. "pass-discard-snapshot=on",
    { try = { first = true, "-blockdev",
      "null-co,node-name=n1,size=1048576", { file = "@dir/disk.img", size = 1048576,
      create = "qcow2" } } }),
  format("qcow2", { refcount_cache_size = 1048576 }, innards .. ",refcount-cache-size=1048576"),
  format("qcow2", { discard_no_unref = true },
    "discard-no-unref=on," .. innards, { since = "8.1" }),
  format("qcow2", { overlap_check = { template = "none", main_header = true, active_l1 = true,
    active_l2 = true,
      refcount_table = true, refcount_block = true, snapshot_table = true, inactive_l1 = true,
        inactive_l2 = true,
      bitmap_directory = true } },
    innards .. ",overlap-check.active-l1=on,overlap-check.active-l2=on,"
      .. "overlap-check.bitmap-directory=on,"
      .. "overlap-check.inactive-l1=on,overlap-check.inactive-l2=on,overlap-check.main-header=on,"
      .. "overlap-check.refcount-block=on,overlap-check.refcount-table=on,"
        .. "overlap-check.snapshot-table=on,"
      .. "overlap-check.template=none"),
  format("qcow2", { encrypt = { format = "luks", key_secret = "s0" } },
    "encrypt.format=luks,encrypt.key-secret=s0," .. innards,
    encrypted("qcow2", "encrypt.format=luks,encrypt.key-secret=s0,encrypt.iter-time=10")),
  format("qcow2", { data_file = "n1" }, "data-file=n1," .. innards,
    { try = { first = true, "-blockdev", "file,node-name=n1,filename=@dir/data",
      { file = "@dir/disk.img", size = 1048576, create = "qcow2",
        with = { "-o", "data_file=@dir/data" } } } }),
  format("qcow", { encrypt = { format = "aes", key_secret = "s0" }, backing = "n1" },
    "backing=n1,encrypt.format=aes,encrypt.key-secret=s0," .. innards,
    { try = "only qemu-img still reads it" }),
  format("qed", { backing = "n1" }, "backing=n1," .. innards,
    { try = { first = true, "-blockdev", "null-co,node-name=n1,size=1048576",
      { file = "@dir/disk.img", size = 1048576, create = "qed" } } }),
  format("vmdk", { backing = "n1" }, "backing=n1," .. innards,
    { try = { first = true, "-blockdev", "null-co,node-name=n1,size=1048576",
      { file = "@dir/disk.img", size = 1048576, create = "vmdk" } } }),
  format("luks", { key_secret = "s0" }, innards .. ",key-secret=s0",
    encrypted("luks", "key-secret=s0,iter-time=10")),
  format("luks", { key_secret = "s0", header = "n1" }, innards .. ",header=n1,key-secret=s0",
    { since = "9.0", try = "needs an image with its header apart" }),

  filter("compress", {}, nil,
    { try = "only qcow2 and vmdk can compress: qemu-img makes such images" }),
  filter("snapshot-access", {}, nil, { try = "needs a copy-before-write node that is in use" }),
  filter("copy-on-read"), filter("copy-on-read", { bottom = "n2" },
    "bottom=n2,file=n1", { try = "needs a chain" }),
  filter("copy-before-write", { target = "n2", on_cbw_error = "break-snapshot", cbw_timeout = 5 },
    "cbw-timeout=5,file=n1,on-cbw-error=break-snapshot,target=n2", { try = told }),
  filter("copy-before-write", { target = "n2", min_cluster_size = 131072 },
    "file=n1,min-cluster-size=131072,target=n2",
    { since = "9.2", try = told }),
  filter("copy-before-write", { target = "n2", bitmap = { node = "n1", name = "b" } },
    "bitmap.name=b,bitmap.node=n1,file=n1,target=n2", { try = "needs a bitmap" }),
  filter("preallocate", { prealloc_align = 1048576, prealloc_size = 1048576 },
    "file=n1,prealloc-align=1048576,prealloc-size=1048576", { try = { first = true,
      "-blockdev", "file,node-name=n1,filename=@dir/disk.img", image } }),
  filter("throttle", { throttle_group = "g0" }, "file=n1,throttle-group=g0", { try = { first = true,
    "-object", "throttle-group,id=g0,x-iops-total=100", "-blockdev",
      "null-co,node-name=n1,size=1048576" } }),
  filter("replication", { mode = "primary" }, "file=n1,mode=primary", { try = {
    first = true, "-blockdev", "null-co,node-name=n1,size=1048576" } }),
  filter("replication", { mode = "secondary", top_id = "top" }, "file=n1,mode=secondary,top-id=top",
    { try = "needs a chain of three images" }),
  { { "quorum", node_name = "n0", children = { "n1", "n2" }, vote_threshold = 2, blkverify = true,
      rewrite_corrupted = false, read_pattern = "quorum" },
    "quorum,node-name=n0,blkverify=on,children.0=n1,children.1=n2,read-pattern=quorum,"
      .. "rewrite-corrupted=off,"
      .. "vote-threshold=2", try = two },
  { { "blkdebug", node_name = "n0", image = "n1", config = "@dir/rules", align = 512,
    max_transfer = 65536,
      opt_write_zero = 4096, max_write_zero = 65536, opt_discard = 4096, max_discard = 65536,
      inject_error = { { event = "read_aio", state = 2, iotype = "read", errno = 5, sector = 8,
        once = true,
        immediately = true } },
      set_state = { { event = "write_aio", state = 1, new_state = 2 } },
      take_child_perms = { "write" }, unshare_child_perms = { "resize" } },
    "blkdebug,node-name=n0,align=512,config=@dir/rules,image=n1,inject-error.0.errno=5,"
      .. "inject-error.0.event=read_aio,"
      .. "inject-error.0.immediately=on,inject-error.0.iotype=read,inject-error.0.once=on,"
        .. "inject-error.0.sector=8,"
      .. "inject-error.0.state=2,max-discard=65536,max-transfer=65536,max-write-zero=65536,"
        .. "opt-discard=4096,"
      .. "opt-write-zero=4096,set-state.0.event=write_aio,set-state.0.new_state=2,"
        .. "set-state.0.state=1,"
      .. "take-child-perms.0=write,unshare-child-perms.0=resize",
    try = { first = true, "-blockdev",
      "null-co,node-name=n1,size=1048576", { file = "@dir/rules" } } },
  { { "blklogwrites", node_name = "n0", file = "n1", log = "n2", log_sector_size = 512,
    log_append = false,
      log_super_update_interval = 128 },
    "blklogwrites,node-name=n0,file=n1,log=n2,log-append=off,log-sector-size=512,"
      .. "log-super-update-interval=128",
    try = { first = true, "-blockdev", "null-co,node-name=n1,size=1048576",
      "-blockdev", "file,node-name=n2,filename=@dir/disk.img", image } },
  { { "blkverify", node_name = "n0", test = "n1", raw = "n2" },
    "blkverify,node-name=n0,raw=n2,test=n1", try = two },
  { { "blkreplay", node_name = "n0", image = "n1" }, "blkreplay,node-name=n0,image=n1",
    try = { first = true,
    "-blockdev", "null-co,node-name=n1,size=1048576" } },

  { { "nbd", node_name = "n0", server = { type = "inet", host = "::1", port = "10809",
    numeric = true, to = 10810,
      ipv4 = false, ipv6 = true, keep_alive = true, mptcp = false }, export = "a,b",
        tls_creds = "t0",
      tls_hostname = "nbd.example", reconnect_delay = 5, open_timeout = 5, x_dirty_bitmap = "b" },
    "nbd,node-name=n0,export=a,,b,open-timeout=5,reconnect-delay=5,server.host=::1,"
      .. "server.ipv4=off,server.ipv6=on,"
      .. "server.keep-alive=on,server.mptcp=off,server.numeric=on,server.port=10809,"
        .. "server.to=10810,"
      .. "server.type=inet,tls-creds=t0,tls-hostname=nbd.example,x-dirty-bitmap=b",
        try = "needs an NBD server" },
  { { "nbd", node_name = "n0", server = { type = "unix", path = "/run/nbd", abstract = true,
    tight = false } },
    "nbd,node-name=n0,server.abstract=on,server.path=/run/nbd,server.tight=off,server.type=unix",
    try = "needs an NBD server" },
  { { "nbd", node_name = "n0", server = { type = "vsock", cid = "2", port = "10809" } },
    "nbd,node-name=n0,server.cid=2,server.port=10809,server.type=vsock",
      try = "needs an NBD server" },
  { { "nbd", node_name = "n0", server = { type = "fd", str = "5" } },
    "nbd,node-name=n0,server.str=5,server.type=fd",
    try = "needs an NBD server" },
  { { "ssh", node_name = "n0", server = { host = "h", port = "22", numeric = false, to = 23,
    ipv4 = true, ipv6 = false,
      keep_alive = true, mptcp = false }, path = "/srv/disk.img", user = "me",
      host_key_check = { mode = "hash", type = "sha256", hash = "aa" } },
    "ssh,node-name=n0,host-key-check.hash=aa,host-key-check.mode=hash,host-key-check.type=sha256,"
      .. "path=/srv/disk.img,"
      .. "server.host=h,server.ipv4=on,server.ipv6=off,server.keep-alive=on,server.mptcp=off,"
        .. "server.numeric=off,"
      .. "server.port=22,server.to=23,user=me", try = module },
  { { "nfs", node_name = "n0", server = { type = "inet", host = "h" }, path = "/srv", user = 0,
    group = 0,
      tcp_syn_count = 1, readahead_size = 0, page_cache_size = 0, debug = 0 },
    "nfs,node-name=n0,debug=0,group=0,page-cache-size=0,path=/srv,readahead-size=0,server.host=h,"
      .. "server.type=inet,"
      .. "tcp-syn-count=1,user=0", try = module },
  { { "iscsi", node_name = "n0", transport = "tcp", portal = "h:3260",
    target = "iqn.2026-01.org.example", lun = 1,
      user = "me", password_secret = "s0", initiator_name = "iqn.2026-01.org.example:vm",
        timeout = 5,
      header_digest = "crc32c" },
    "iscsi,node-name=n0,header-digest=crc32c,initiator-name=iqn.2026-01.org.example:vm,lun=1,"
      .. "password-secret=s0,"
      .. "portal=h:3260,target=iqn.2026-01.org.example,timeout=5,transport=tcp,user=me",
        try = module },
  { { "rbd", node_name = "n0", pool = "p", image = "i", namespace = "n", snapshot = "s",
    conf = "/etc/ceph.conf",
      user = "me", auth_client_required = { "cephx" }, key_secret = "s0",
        encrypt = { format = "luks", key_secret = "s1" },
      server = { { host = "h", port = "6789" } } },
    "rbd,node-name=n0,auth-client-required.0=cephx,conf=/etc/ceph.conf,encrypt.format=luks,"
      .. "encrypt.key-secret=s1,"
      .. "image=i,key-secret=s0,namespace=n,pool=p,server.0.host=h,server.0.port=6789,snapshot=s,"
        .. "user=me", try = module },
  { { "gluster", node_name = "n0", volume = "v", path = "p", debug = 4, logfile = "-",
      server = { { type = "inet", host = "h", port = "24007", numeric = true, to = 24008,
        ipv4 = true, ipv6 = true,
        keep_alive = true, mptcp = false },
          { type = "unix", path = "/run/g", abstract = false, tight = true },
        { type = "vsock", cid = "2" }, { type = "fd", str = "5" } } },
    "gluster,node-name=n0,debug=4,logfile=-,path=p,server.0.host=h,server.0.ipv4=on,"
      .. "server.0.ipv6=on,"
      .. "server.0.keep-alive=on,server.0.mptcp=off,server.0.numeric=on,server.0.port=24007,"
        .. "server.0.to=24008,"
      .. "server.0.type=inet,server.1.abstract=off,server.1.path=/run/g,server.1.tight=on,"
        .. "server.1.type=unix,"
      .. "server.2.cid=2,server.2.type=vsock,server.3.str=5,server.3.type=fd,volume=v",
        try = module },

  { { "io_uring", node_name = "n0", filename = "@dir/disk.img" },
    "io_uring,node-name=n0,filename=@dir/disk.img",
    try = blkio },
}

for driver, size in pairs { raw = 1048576, qcow2 = 1048576, qcow = 1048576, qed = 1048576,
  vmdk = 1048576, vdi = 1048576, vhdx = 1048576, vpc = 1048576, parallels = 16777216 } do
  cases[#cases + 1] = { { driver, node_name = "n0", file = "n1" },
    driver .. ",node-name=n0,file=n1", try = { first = true,
      "-blockdev", "file,node-name=n1,filename=@dir/disk.img",
      { file = "@dir/disk.img", size = size, create = driver } } }
end

for driver, why in pairs { bochs = "QEMU makes no such images", cloop = "QEMU makes no such images",
  dmg = module, luks = "needs its secret" } do
  cases[#cases + 1] = { { driver, node_name = "n0", file = "n1" },
    driver .. ",node-name=n0,file=n1", try = why }
end

for _, driver in ipairs { "host_device", "host_cdrom" } do
  cases[#cases + 1] = { { driver, node_name = "n0", filename = "/dev/sdx", aio = "native",
    aio_max_batch = 0,
      locking = false, pr_manager = "p0", drop_cache = true, x_check_cache_dropped = true },
    driver .. ",node-name=n0,aio=native,aio-max-batch=0,drop-cache=on,filename=/dev/sdx,"
      .. "locking=off,pr-manager=p0,"
      .. "x-check-cache-dropped=on", try = "needs a block device" }
end

for _, driver in ipairs { "http", "https", "ftp", "ftps" } do
  local args = { driver, node_name = "n0", url = driver
    .. "://h/a,b.img", readahead = 65536, timeout = 5, username = "me",
    password_secret = "s0", proxy_username = "me", proxy_password_secret = "s1" }
  local before, after = "", ""
  if driver:find "^http" then
    args.cookie, args.cookie_secret, before = "a=b", "s2", "cookie=a=b,cookie-secret=s2,"
  end
  if driver:find "s$" then args.sslverify, after = false, "sslverify=off," end
  cases[#cases + 1] = { args, ("%s,node-name=n0,%spassword-secret=s0,proxy-password-secret=s1,"
    .. "proxy-username=me,"
    .. "readahead=65536,%stimeout=5,url=%s://h/a,,b.img,username=me"):format(driver, before, after,
      driver),
    try = module }
end

for _, driver in ipairs { "nvme-io_uring", "virtio-blk-vfio-pci", "virtio-blk-vhost-user",
  "virtio-blk-vhost-vdpa" } do
  cases[#cases + 1] = { { driver, node_name = "n0", path = "/dev/x" }, driver
    .. ",node-name=n0,path=/dev/x", try = blkio }
end

return cases

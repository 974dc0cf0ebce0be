-- SPDX-License-Identifier: MIT
local sev = "needs AMD SEV"
local cases = {}

local function case(args, text, try, since)
  args.id = "o0"
  cases[#cases + 1] = { args, (text:gsub("^([^,]+)", "%1,id=o0", 1)),
    try = try or {}, since = since }
end

-- What memory backends have in common.
local function memory(name, try, since)
  local file = name:find "file$" and "@dir/m" or nil
  case({ name, size = "2M", share = true, merge = false, dump = false, prealloc = true,
    prealloc_threads = 1, reserve = true, x_use_canonical_path_for_ramblock_id = false,
    prealloc_context = "t0", host_nodes = { 0, "0-0" }, policy = "bind", mem_path = file },
    name .. ",dump=off,host-nodes=0,host-nodes=0-0," .. (file and "mem-path=@dir/m," or "")
      .. "merge=off,policy=bind,prealloc=on,prealloc-context=t0,prealloc-threads=1,reserve=on,"
      .. "share=on,size=2M,x-use-canonical-path-for-ramblock-id=off", try, since)
end

local context = { first = true, "-object", "thread-context,id=t0" }

memory("memory-backend-ram", context)
memory("memory-backend-file", context)
memory("memory-backend-memfd", context)
memory("memory-backend-shm", context, "9.1")
memory("memory-backend-epc", "needs /dev/sgx_vepc")
case({ "memory-backend-file", size = "2M", mem_path = "@dir/a,b", align = "2M",
  discard_data = true, pmem = false,
    readonly = false, share = true },
  "memory-backend-file,align=2M,discard-data=on,mem-path=@dir/a,,b,pmem=off,readonly=off,"
    .. "share=on,size=2M")
case({ "memory-backend-file", size = "1M", mem_path = "@dir/m", offset = "1M", rom = "auto",
  share = true },
  "memory-backend-file,mem-path=@dir/m,offset=1M,rom=auto,share=on,size=1M",
  { { file = "@dir/m", size = 2097152 } }, "8.2")
case({ "memory-backend-memfd", size = "2M", hugetlb = false, seal = true },
  "memory-backend-memfd,hugetlb=off,seal=on,size=2M")
case({ "memory-backend-memfd", size = "2M", hugetlb = true, hugetlbsize = "2M" },
  "memory-backend-memfd,hugetlb=on,hugetlbsize=2M,size=2M", "needs huge pages")

case({ "iothread", poll_max_ns = 32768, poll_grow = 2, poll_shrink = 2, aio_max_batch = 8,
  thread_pool_min = 0,
    thread_pool_max = 64 },
  "iothread,aio-max-batch=8,poll-grow=2,poll-max-ns=32768,poll-shrink=2,thread-pool-max=64,"
    .. "thread-pool-min=0")
case({ "main-loop", aio_max_batch = 8, thread_pool_min = 0, thread_pool_max = 64 },
  "main-loop,aio-max-batch=8,thread-pool-max=64,thread-pool-min=0")
case({ "thread-context", cpu_affinity = { 0, "0-1" } },
  "thread-context,cpu-affinity=0,cpu-affinity=0-1")
case({ "thread-context", node_affinity = 0 }, "thread-context,node-affinity=0")

case({ "rng-builtin" }, "rng-builtin")
case({ "rng-random", filename = "/dev/urandom" }, "rng-random,filename=/dev/urandom")
case({ "rng-egd", chardev = "c0" }, "rng-egd,chardev=c0", { "-chardev", "null,id=c0" })

case({ "secret", data = "letmein, please", format = "raw" },
  "secret,data=letmein,, please,format=raw")
case({ "secret", file = "@dir/a,b" },
  "secret,file=@dir/a,,b", { { file = "@dir/a,b", text = "letmein" } })
case({ "secret", data = "el5Ej1ROV0Rd+o5FvQy/Zg==", keyid = "k0", iv = "aWlpaWlpaWlpaWlpaWlpaQ==",
    format = "base64" },
  "secret,data=el5Ej1ROV0Rd+o5FvQy/Zg==,format=base64,iv=aWlpaWlpaWlpaWlpaWlpaQ==,keyid=k0",
  { first = true, "-object", "secret,id=k0,data=" .. ("k"):rep(32) })
case({ "secret_keyring", serial = 1, data = "x", file = "y", format = "raw", keyid = "k0",
  iv = "z" },
  "secret_keyring,data=x,file=y,format=raw,iv=z,keyid=k0,serial=1",
    "needs a key in the kernel's keyring")
for _, name in ipairs { "tls-creds-anon", "tls-creds-psk", "tls-creds-x509",
  "tls-cipher-suites" } do
  case({ name, endpoint = "server", dir = "@dir", verify_peer = false, priority = "NORMAL" },
    name .. ",dir=@dir,endpoint=server,priority=NORMAL,verify-peer=off",
    name == "tls-creds-x509" and "needs certificates"
      or name == "tls-creds-psk" and { { file = "@dir/keys.psk",
        text = "qemu:6c65746d65696e\n" } } or {})
end
case({ "tls-creds-psk", endpoint = "client", dir = "@dir", username = "me" },
  "tls-creds-psk,dir=@dir,endpoint=client,username=me",
    { { file = "@dir/keys.psk", text = "me:6c65746d65696e\n" } })
case({ "tls-creds-x509", dir = "@dir", passwordid = "s0", sanity_check = false },
  "tls-creds-x509,dir=@dir,passwordid=s0,sanity-check=off", "needs certificates")
case({ "authz-simple", identity = "CN=me,O=Example" }, "authz-simple,identity=CN=me,,O=Example")
case({ "authz-list", policy = "deny" }, "authz-list,policy=deny")
cases[#cases + 1] = { { "authz-list", id = "o0", policy = "deny",
    rules = { { match = "fred", policy = "allow", format = "exact" } } },
  '{"id":"o0","policy":"deny","qom-type":"authz-list",'
    .. '"rules":[{"format":"exact","match":"fred","policy":"allow"}]}',
  try = {} }
case({ "authz-listfile", filename = "@dir/rules", refresh = false },
  "authz-listfile,filename=@dir/rules,refresh=off",
  "QEMU calls it so in its documents, but knows no object of the name")
case({ "authz-pam", service = "qemu" }, "authz-pam,service=qemu",
  "Debian's QEMU is built without it")

local net = { first = true, "-netdev", "user,id=n0", "-chardev", "null,id=c0", "-chardev",
  "null,id=c1" }

local function filter(name, more, text, try)
  local args = { name, netdev = "n0", queue = "all", status = true, position = "tail",
    insert = "behind" }
  for key, value in pairs(more) do args[key] = value end
  case(args, name .. "," .. text, try or net)
end

filter("filter-buffer", { interval = 1000 },
  "insert=behind,interval=1000,netdev=n0,position=tail,queue=all,status=on")
filter("filter-mirror", { outdev = "c0", vnet_hdr_support = true },
  "insert=behind,netdev=n0,outdev=c0,position=tail,queue=all,status=on,vnet_hdr_support=on")
filter("filter-redirector", { indev = "c0", outdev = "c1", vnet_hdr_support = false },
  "indev=c0,insert=behind,netdev=n0,outdev=c1,position=tail,queue=all,status=on,"
    .. "vnet_hdr_support=off")
filter("filter-rewriter", { vnet_hdr_support = true },
  "insert=behind,netdev=n0,position=tail,queue=all,status=on,vnet_hdr_support=on")
filter("filter-replay", {}, "insert=behind,netdev=n0,position=tail,queue=all,status=on")
filter("filter-dump", { file = "@dir/a,b.pcap", maxlen = 1500 },
  "file=@dir/a,,b.pcap,insert=behind,maxlen=1500,netdev=n0,position=tail,queue=all,status=on")
case({ "colo-compare", primary_in = "c0", secondary_in = "c1", outdev = "c2", iothread = "i0",
  notify_dev = "c3",
    compare_timeout = 3000, expired_scan_cycle = 3000, max_queue_size = 1024,
      vnet_hdr_support = true },
  "colo-compare,compare_timeout=3000,expired_scan_cycle=3000,iothread=i0,max_queue_size=1024,"
    .. "notify_dev=c3,outdev=c2,"
    .. "primary_in=c0,secondary_in=c1,vnet_hdr_support=on",
  { first = true, "-object", "iothread,id=i0", "-chardev",
    "socket,id=c0,path=@dir/c0,server=on,wait=off",
    "-chardev", "socket,id=c1,path=@dir/c1,server=on,wait=off",
    "-chardev", "socket,id=c2,path=@dir/c2,server=on,wait=off",
    "-chardev", "socket,id=c3,path=@dir/c3,server=on,wait=off" })

case({ "cryptodev-backend-builtin", queues = 1 }, "cryptodev-backend-builtin,queues=1")
case({ "cryptodev-backend-lkcf", queues = 1 }, "cryptodev-backend-lkcf,queues=1",
  "Debian's QEMU is built without it", "8.0")
case({ "cryptodev-vhost-user", chardev = "c0", queues = 1 },
  "cryptodev-vhost-user,chardev=c0,queues=1",
  "needs a vhost-user daemon")
case({ "sev-guest", sev_device = "/dev/sev", cbitpos = 51, reduced_phys_bits = 1, policy = 1,
  handle = 0,
    dh_cert_file = "@dir/dh", session_file = "@dir/s", kernel_hashes = true },
  "sev-guest,cbitpos=51,dh-cert-file=@dir/dh,handle=0,kernel-hashes=on,policy=1,"
    .. "reduced-phys-bits=1,"
    .. "session-file=@dir/s,sev-device=/dev/sev", {})
case({ "sev-guest", cbitpos = 51, reduced_phys_bits = 1, legacy_vm_type = "auto" },
  "sev-guest,cbitpos=51,legacy-vm-type=auto,reduced-phys-bits=1", {}, "9.1")
case({ "sev-snp-guest", sev_device = "/dev/sev", cbitpos = 51, reduced_phys_bits = 1,
  policy = 196608,
    kernel_hashes = true, guest_visible_workarounds = "AAAA", id_block = "AAAA", id_auth = "AAAA",
    author_key_enabled = true, host_data = "AAAA", vcek_disabled = false },
  "sev-snp-guest,author-key-enabled=on,cbitpos=51,guest-visible-workarounds=AAAA,host-data=AAAA,"
    .. "id-auth=AAAA,"
    .. "id-block=AAAA,kernel-hashes=on,policy=196608,reduced-phys-bits=1,sev-device=/dev/sev,"
      .. "vcek-disabled=off",
  sev, "9.1")
case({ "pr-manager-helper", path = "@dir/pr" }, "pr-manager-helper,path=@dir/pr",
  "needs qemu-pr-helper")
case({ "throttle-group", ["x-iops-total"] = 100 }, "throttle-group,x-iops-total=100")
case({ "iommufd", fd = "5" }, "iommufd,fd=5", "needs /dev/iommu", "9.0")
case({ "input-linux", evdev = "/dev/input/event0", grab_all = true, ["repeat"] = true,
  grab_toggle = "scrolllock" },
  "input-linux,evdev=/dev/input/event0,grab-toggle=scrolllock,grab_all=on,repeat=on",
    "needs an event device")
case({ "can-bus" }, "can-bus")
case({ "can-host-socketcan", ["if"] = "can0", canbus = "b0" },
  "can-host-socketcan,canbus=b0,if=can0", "needs a CAN interface")
case({ "acpi-generic-initiator", pci_dev = "v0", node = 1 },
  "acpi-generic-initiator,node=1,pci-dev=v0",
  { "-machine", "q35", "-m", "128M", "-object", "memory-backend-ram,id=m0,size=128M", "-numa",
    "node,memdev=m0",
    "-numa", "node", "-device", "virtio-rng-pci,id=v0" }, "9.0")
case({ "acpi-generic-port", pci_bus = "pcie.1", node = 1 },
  "acpi-generic-port,node=1,pci-bus=pcie.1",
  "needs a CXL host bridge", "9.2")
case({ "qtest", chardev = "c0", log = "@dir/log" }, "qtest,chardev=c0,log=@dir/log", { "-chardev",
  "null,id=c0" })

return cases

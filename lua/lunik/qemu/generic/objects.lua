-- SPDX-License-Identifier: MIT
-- What QEMU documents of the objects that -object makes. Only suggestions: the types and
-- their properties are the binary's.
local kind = require "lunik.qemu.kind"

local function text(name, doc) return { name, kind = kind.text, doc = doc } end
local function output(name, doc) return { name, kind = kind.output, doc = doc } end
local function peer(name, doc) return { name, kind = kind.peer, doc = doc } end
local function file(name, doc) return { name, kind = kind.file, doc = doc } end
local function count(name, doc) return { name, kind = kind.count, doc = doc } end

local function on_off(name, doc, default)
  return { name, kind = kind.on_off, doc = doc, default = default }
end

local function ref(space, name, doc)
  return { name, kind = kind.ref(space), ref = space, doc = doc }
end

local function with(list, ...)
  local out = table.move(list, 1, #list, 1, {})
  for _, key in ipairs { ... } do out[#out + 1] = key end
  return out
end

local function recent(since, list)
  list.since = since
  return list
end

local memory = {
  { "size", kind = kind.size, required = true, doc = "size" },
  on_off("share", "others may map it too"),
  on_off("merge", "equal pages may be merged"),
  on_off("dump", "it goes into core dumps"),
  on_off("prealloc", "it is touched at start"),
  count("prealloc-threads", "threads that touch it"),
  ref("object", "prealloc-context", "thread context of those threads"),
  on_off("reserve", "swap space is reserved for it", "on"),
  { "host-nodes", kind = kind.range, repeats = true, doc = "NUMA nodes of the host" },
  { "policy", kind = kind.one_of { "default", "preferred", "bind", "interleave" },
    doc = "how those are used" },
  on_off("x-use-canonical-path-for-ramblock-id", "the block's name is the object's path"),
}

local place = {
  ref("netdev", "netdev", "network backend that is filtered"),
  { "queue", kind = kind.one_of { "all", "rx", "tx" }, doc = "direction" },
  { "status", kind = kind.on_off, default = "on", doc = "the filter works" },
  { "position", kind = kind.text, default = "tail", doc = "head, tail or id=FILTER" },
  { "insert", kind = kind.one_of { "behind", "before" }, default = "behind",
    doc = "on which side of that filter" },
}
local header = on_off("vnet_hdr_support", "packets have a vnet header")

local tls = {
  { "endpoint", kind = kind.one_of { "client", "server" }, default = "client", doc = "side" },
  { "dir", kind = kind.folder, doc = "directory of the files" },
  on_off("verify-peer", "the other side has to prove itself", "on"),
  text("priority", "what GnuTLS allows"),
}

local threads = {
  count("aio-max-batch", "requests handed over at a time"),
  count("thread-pool-min", "threads that stay"),
  count("thread-pool-max", "threads at most"),
}

local secret = {
  { "data", kind = kind.text, doc = "the secret itself", secret = true },
  file("file", "file that holds it"),
  { "format", kind = kind.one_of { "raw", "base64" }, default = "raw", doc = "how it is written" },
  ref("object", "keyid", "secret that it is encrypted with"), text("iv", "vector for that"),
}

local sev = {
  file("sev-device", "AMD's device"), count("cbitpos", "bit that marks encrypted pages"),
  count("reduced-phys-bits", "address bits that this costs"), count("policy", "policy"),
  on_off("kernel-hashes", "kernel, initrd and command line are measured"),
}

local queues = count("queues", "queues")

return {
  ["memory-backend-ram"] = memory,
  ["memory-backend-file"] = with(memory,
    { "mem-path", kind = kind.backing, required = true, doc = "file, or directory to make one in" },
    { "align", kind = kind.size, doc = "alignment of the mapping" },
    { "offset", kind = kind.size, since = "8.1", doc = "where in the file it begins" },
    on_off("discard-data", "the file need not keep the data"),
    on_off("pmem", "the file is persistent memory"), on_off("readonly", "the file is not written"),
    { "rom", kind = kind.on_off_auto, since = "8.2", default = "auto",
      doc = "read-only for the guest too" }),
  ["memory-backend-memfd"] = with(memory,
    on_off("seal", "it cannot change size", "on"), on_off("hugetlb", "huge pages"),
    { "hugetlbsize", kind = kind.size, doc = "their size" }),
  ["memory-backend-shm"] = recent("9.1", with(memory)),
  ["memory-backend-epc"] = with(memory),

  iothread = with(threads,
    count("poll-max-ns", "nanoseconds of polling at most"), count("poll-grow", "how that grows"),
    count("poll-shrink", "how it shrinks")),
  ["main-loop"] = threads,
  ["thread-context"] = {
    { "cpu-affinity", kind = kind.range, repeats = true, doc = "CPUs of the host" },
    { "node-affinity", kind = kind.range, repeats = true, doc = "NUMA nodes of the host" },
  },

  ["rng-builtin"] = {},
  ["rng-random"] = { { "filename", kind = kind.file, default = "/dev/urandom", doc = "source" } },
  ["rng-egd"] = { ref("chardev", "chardev", "connection to the daemon") },

  secret = secret,
  secret_keyring = with(secret, count("serial", "key in the kernel's keyring")),
  ["tls-creds-anon"] = tls,
  ["tls-creds-psk"] = with(tls, { "username", kind = kind.text, default = "qemu",
    doc = "name that a client gives" }),
  ["tls-creds-x509"] = with(tls, ref("object", "passwordid",
    "secret that the key is encrypted with"),
    on_off("sanity-check", "certificates are looked at first", "on")),
  ["tls-cipher-suites"] = tls,
  ["authz-simple"] = { text("identity", "who may come in") },
  ["authz-list"] = {
    { "policy", kind = kind.one_of { "allow", "deny" }, default = "deny",
      doc = "who is not in its rules, a list of { match, policy, format }" },
  },
  ["authz-listfile"] = { file("filename", "file of rules"), on_off("refresh", "watch it", "on") },
  ["authz-pam"] = { text("service", "PAM service") },

  ["filter-buffer"] = with(place, count("interval", "microseconds that packets wait")),
  ["filter-mirror"] = with(place, ref("chardev", "outdev", "where copies go"), header),
  ["filter-redirector"] = with(place, ref("chardev", "indev", "where packets come from"),
    ref("chardev", "outdev", "where they go"), header),
  ["filter-rewriter"] = with(place, header),
  ["filter-replay"] = place,
  ["filter-dump"] = with(place, output("file", "capture file"),
    count("maxlen", "bytes of a packet")),
  ["colo-compare"] = {
    ref("chardev", "primary_in", "packets of the first"),
    ref("chardev", "secondary_in", "packets of the second"),
    ref("chardev", "outdev", "where equal ones go"), ref("object", "iothread", "thread"),
    ref("chardev", "notify_dev", "who hears of differences"),
    count("compare_timeout", "milliseconds that one may wait"),
    count("expired_scan_cycle", "milliseconds between looks"),
    count("max_queue_size", "packets at most"), header,
  },

  ["cryptodev-backend-builtin"] = { queues },
  ["cryptodev-backend-lkcf"] = { since = "8.0", queues },
  ["cryptodev-vhost-user"] = { ref("chardev", "chardev", "connection to the daemon"), queues },

  ["sev-guest"] = with(sev, file("dh-cert-file", "the owner's certificate"),
    file("session-file", "session"), count("handle", "guest to share keys with"),
    { "legacy-vm-type", kind = kind.on_off_auto, since = "9.1", default = "off",
      doc = "as old kernels have it" }),
  ["sev-snp-guest"] = recent("9.1", with(sev, text("guest-visible-workarounds", "workarounds"),
    text("id-block", "identity"), text("id-auth", "its proof"),
    on_off("author-key-enabled", "the author's key is in it"), text("host-data",
      "data of the host"),
    on_off("vcek-disabled", "no VCEK"))),
  ["pr-manager-helper"] = { peer("path", "socket of qemu-pr-helper") },
  ["throttle-group"] = {},
  iommufd = { since = "9.0", text("fd", "descriptor of /dev/iommu") },
  ["input-linux"] = {
    { "evdev", kind = kind.device, doc = "event device" },
    on_off("grab_all", "all devices are grabbed together"),
    on_off("repeat", "keys repeat"),
    { "grab-toggle", kind = kind.one_of { "ctrl-ctrl", "alt-alt", "shift-shift", "meta-meta",
      "scrolllock", "ctrl-scrolllock" }, default = "ctrl-ctrl", doc = "keys that free them" },
  },
  ["can-bus"] = {},
  ["can-host-socketcan"] = {
    { "if", kind = kind.text, look = "interface", doc = "the host's interface" },
    ref("object", "canbus", "bus"),
  },
  ["acpi-generic-initiator"] = { since = "9.0", ref("device", "pci-dev", "device"),
    count("node", "its NUMA node") },
  ["acpi-generic-port"] = { since = "9.2", ref("device", "pci-bus", "bus"),
    count("node", "its NUMA node") },
  qtest = { ref("chardev", "chardev", "connection"), output("log", "log") },
}

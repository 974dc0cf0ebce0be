-- SPDX-License-Identifier: MIT
-- -smp and -numa: how many CPUs, in what groups, and what memory is near them.
local kind = require "lunik.qemu.kind"

local some = kind.int(1)
local node = kind.int(0, 127) -- MAX_NODES, include/sysemu/numa.h

local smp = { "smp", grammar = "keyval", implied = "cpus", merges = true, order = { "cpus" },
  keys = {
    { "cpus", kind = some, default = "1", doc = "CPUs that are there at start" },
    { "maxcpus", kind = some, doc = "CPUs there can be, with those plugged later" },
    { "drawers", kind = some, since = "8.2", doc = "drawers on the board (s390)" },
    { "books", kind = some, since = "8.2", doc = "books in a drawer (s390)" },
    { "sockets", kind = some, doc = "sockets on the board, or in a book" },
    { "dies", kind = some, doc = "dies in a socket" },
    { "clusters", kind = some, doc = "clusters in a die" },
    { "modules", kind = some, since = "9.1", doc = "modules in a cluster" },
    { "cores", kind = some, doc = "cores in a module" },
    { "threads", kind = some, doc = "threads in a core" },
  },
  doc = "number and topology of CPUs", source = "qemu-options.hx, qapi/machine.json",
  examples = { { 4 }, { 8, sockets = 2, cores = 2, threads = 2, maxcpus = 8 } } }

local by = {
  node = {
    { "nodeid", kind = node, doc = "number of the node" },
    { "cpus", kind = kind.range, repeats = true, doc = "CPUs of the node by index" },
    { "memdev", kind = kind.ref "object", ref = "object", doc = "memory backend of the node" },
    { "mem", kind = kind.size, doc = "memory of the node; boards up to 5.0 only: use memdev" },
    { "initiator", kind = node, doc = "node that is nearest to this one's memory (hmat=on)" },
  },
  dist = {
    { "src", kind = node, required = true, doc = "from that node" },
    { "dst", kind = node, required = true, doc = "to that node" },
    { "val", kind = kind.int(10, 255), required = true, doc = "10: itself, 255: out of reach" },
  },
  cpu = {
    { "node-id", kind = node, required = true, doc = "node of the CPU" },
    { "drawer-id", kind = kind.count, since = "8.2", doc = "its drawer (s390)" },
    { "book-id", kind = kind.count, since = "8.2", doc = "its book (s390)" },
    { "socket-id", kind = kind.count, doc = "its socket" },
    { "die-id", kind = kind.count, doc = "its die" },
    { "cluster-id", kind = kind.count, doc = "its cluster" },
    { "module-id", kind = kind.count, since = "9.1", doc = "its module" },
    { "core-id", kind = kind.count, doc = "its core" },
    { "thread-id", kind = kind.count, doc = "its thread" },
  },
  ["hmat-lb"] = {
    { "initiator", kind = node, required = true, doc = "node that asks" },
    { "target", kind = node, required = true, doc = "node that has the memory" },
    { "hierarchy", required = true, doc = "the memory, or a cache beside it",
      kind = kind.one_of { "memory", "first-level", "second-level", "third-level" } },
    { "data-type", required = true, doc = "what is said of it",
      kind = kind.one_of { "access-latency", "read-latency", "write-latency",
        "access-bandwidth", "read-bandwidth", "write-bandwidth" } },
    { "latency", kind = kind.count, doc = "nanoseconds" },
    { "bandwidth", kind = kind.size, doc = "bytes a second" },
  },
  ["hmat-cache"] = {
    { "node-id", kind = node, required = true, doc = "node of the memory" },
    { "size", kind = kind.size, required = true, doc = "size of the cache" },
    { "level", kind = kind.int(1, 3), required = true, doc = "level of the cache" },
    { "associativity", kind = kind.one_of { "none", "direct", "complex" },
      doc = "how it is indexed" },
    { "policy", kind = kind.one_of { "none", "write-back", "write-through" },
      doc = "how it writes" },
    { "line", kind = kind.int(0, 65535), doc = "bytes of a line" },
  },
}

local numa = { "numa", grammar = "opts", implied = "type", order = { "type" }, by = by,
  doc = "a NUMA node, a distance, a CPU's place, or a memory's speed",
  source = "qemu-options.hx, qapi/machine.json",
  examples = { { "node", nodeid = 0, cpus = { "0-2", 5 }, memdev = "m0" },
    { "dist", src = 0, dst = 1, val = 20 } } }

return { smp, numa }

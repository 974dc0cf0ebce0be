-- SPDX-License-Identifier: MIT
local two = { "-machine", "q35,hmat=on", "-m", "256M", "-smp", "2,sockets=2,maxcpus=2",
  "-object", "memory-backend-ram,id=m0,size=128M", "-object", "memory-backend-ram,id=m1,size=128M" }

local function beside(...)
  local argv = table.move(two, 1, #two, 1, {})
  for _, node in ipairs { ... } do table.move({ "-numa", node }, 1, 2, #argv + 1, argv) end
  return argv
end

local nodes = { "node,nodeid=0,memdev=m0", "node,nodeid=1,memdev=m1,initiator=0",
  "cpu,node-id=0,socket-id=0", "cpu,node-id=0,socket-id=1" }
local latency = "hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-latency,latency=5"
local bandwidth = "hmat-lb,initiator=0,target=0,hierarchy=memory,data-type=access-bandwidth,"
  .. "bandwidth=200M"

return {
  { { "node", nodeid = 0, cpus = { "0-2", 5 }, memdev = "m0" },
    "node,cpus=0-2,cpus=5,memdev=m0,nodeid=0",
    try = { "-machine", "q35", "-smp", "6", "-m", "256M", "-object",
      "memory-backend-ram,id=m0,size=128M",
      "-object", "memory-backend-ram,id=m1,size=128M", "-numa",
        "node,nodeid=1,cpus=3-4,memdev=m1" } },
  { { "node", nodeid = 0, mem = "128M" }, "node,mem=128M,nodeid=0",
    removed = "10.1", try = { "-machine", "pc-q35-5.0", "-m", "128M" } },
  { { "node", nodeid = 1, memdev = "m1", initiator = 0 }, "node,initiator=0,memdev=m1,nodeid=1",
    try = beside("node,nodeid=0,memdev=m0", nodes[3], nodes[4], latency, bandwidth) },
  { { "dist", src = 0, dst = 1, val = 20 }, "dist,dst=1,src=0,val=20",
    try = { first = true, table.unpack(beside("node,nodeid=0,memdev=m0",
      "node,nodeid=1,memdev=m1")) } },
  { { "cpu", node_id = 0, socket_id = 0, die_id = 0, core_id = 0, thread_id = 0 },
    "cpu,core-id=0,die-id=0,node-id=0,socket-id=0,thread-id=0",
    try = { first = true, "-machine", "q35", "-smp", "2,dies=2", "-m", "128M", "-object",
      "memory-backend-ram,id=m0,size=128M", "-numa", nodes[1], "-numa",
      "cpu,node-id=0,socket-id=0,die-id=1,core-id=0,thread-id=0" } },
  { { "cpu", node_id = 0, socket_id = 0, cluster_id = 0, core_id = 0 },
    "cpu,cluster-id=0,core-id=0,node-id=0,socket-id=0", arch = "aarch64",
    try = { first = true, "-machine", "virt", "-smp", "1,clusters=1", "-object",
      "memory-backend-ram,id=m0,size=128M",
      "-m", "128M", "-numa", "node,nodeid=0,memdev=m0" } },
  { { "cpu", node_id = 0, socket_id = 0, module_id = 0 },
    "cpu,module-id=0,node-id=0,socket-id=0", since = "9.1",
    try = { first = true, "-machine", "q35", "-smp", "4,modules=2,cores=2", "-object",
      "memory-backend-ram,id=m0,size=128M", "-m", "128M", "-numa", "node,nodeid=0,memdev=m0",
      "-numa", "cpu,node-id=0,socket-id=0,module-id=1" } },
  { { "cpu", node_id = 0, drawer_id = 0, book_id = 0, socket_id = 0 },
    "cpu,book-id=0,drawer-id=0,node-id=0,socket-id=0", arch = "s390x", since = "8.2",
    try = "s390 boards have no NUMA nodes" },
  { { "hmat-lb", initiator = 0, target = 0, hierarchy = "memory", data_type = "access-latency",
    latency = 5 },
    "hmat-lb,data-type=access-latency,hierarchy=memory,initiator=0,latency=5,target=0",
    try = { first = true, table.unpack(beside(nodes[1], nodes[2], nodes[3], nodes[4],
      bandwidth)) } },
  { { "hmat-lb", initiator = 0, target = 0, hierarchy = "memory", data_type = "access-bandwidth",
    bandwidth = "200M" },
    "hmat-lb,bandwidth=200M,data-type=access-bandwidth,hierarchy=memory,initiator=0,target=0",
    try = { first = true, table.unpack(beside(nodes[1], nodes[2], nodes[3], nodes[4], latency)) } },
  { { "hmat-cache", node_id = 0, size = "10K", level = 1, associativity = "direct",
    policy = "write-back", line = 8 },
    "hmat-cache,associativity=direct,level=1,line=8,node-id=0,policy=write-back,size=10K",
    try = { first = true, table.unpack(beside(nodes[1], nodes[2], nodes[3], nodes[4], latency,
      bandwidth)) } },
}

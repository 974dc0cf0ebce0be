-- SPDX-License-Identifier: MIT
-- Numbers that have to agree: CPUs and their topology, memory and its parts.
local kinds = require "lunik.qemu.kind"

local MEBIBYTE = 1 << 20

local function whole(value) return math.tointeger(tonumber(value)) end

-- sockets, dies, … multiply to the most CPUs there can be (hw/core/machine-smp.c).
local function topology(line, report)
  local entry = line:last "smp"
  if not entry or not entry.args then return end
  local given, product, parts = {}, 1, {}
  for _, key in ipairs { "drawers", "books", "sockets", "dies", "clusters", "modules", "cores",
    "threads" } do
    given[key] = whole(entry.args[key])
    if given[key] == 0 then
      report:add(entry, key, "deprecated", ("'%s' must be greater than zero"):format(key))
    elseif given[key] then
      product = product * given[key]
      parts[#parts + 1] = ("%s(%d)"):format(key, given[key])
    end
  end
  local cpus, most = whole(line.value(entry, "cpus")), whole(entry.args.maxcpus)
  if cpus and most and cpus > most then
    report:add(entry, "maxcpus", "size", ("maxcpus %d is less than the %d CPUs at start"):format(
      most, cpus))
  end
  local all = given.sockets and given.cores and given.threads and product > 0
  if all and most and product ~= most then
    report:add(entry, "maxcpus", "size", ("%s = %d must equal maxcpus (%d)"):format(
      table.concat(parts, "*"), product, most))
  elseif #parts > 0 and (most or cpus) and (most or cpus) % product ~= 0 then
    report:add(entry, "sockets", "size", ("%s = %d must equal %s (%d)"):format(
      table.concat(parts, "*"), product, most and "maxcpus" or "the number of CPUs", most or cpus))
  elseif all and not most and cpus and product < cpus then
    report:add(entry, "cpus", "size", ("%s = %d is less than the %d CPUs"):format(
      table.concat(parts, "*"), product, cpus))
  end
end

local function board_limit(line, report)
  local entry, known = line:last "smp", line.known
  local section = known and line.board and known:head("machine", line.board)
  local most = section and whole(section[2])
  local asked = entry and entry.args and (whole(entry.args.maxcpus)
    or whole(line.value(entry, "cpus")))
  if most and most > 0 and asked and asked > most then
    report:add(entry, "cpus", "size", ("%s has at most %d CPUs, not %d"):format(line.board, most,
      asked))
  end
end

local function memory(line)
  local entry = line:last "m"
  local size = entry and entry.args and line.value(entry, "size")
  return entry, size and kinds.bytes(size, 20), entry and entry.args
end

local function sizes(line, report)
  local entry, bytes, args = memory(line)
  if not args then return end
  local most = args.maxmem and kinds.bytes(args.maxmem, 0)
  if args.slots and not args.maxmem and whole(args.slots) ~= 0 then
    report:add(entry, "slots", "size", "slots needs maxmem")
  elseif most and bytes and most < bytes then
    report:add(entry, "maxmem", "size", ("maxmem %s is less than the memory at start"):format(
      args.maxmem))
  elseif most and bytes and most > bytes and not args.slots then
    report:add(entry, "maxmem", "size", "maxmem needs slots")
  end
  local said = tostring(line.value(entry, "size") or "")
  if bytes and bytes > 0 and bytes < 16 * MEBIBYTE and said:find "^%d+$" then
    report:add(entry, "size", "suspicious", ("%s means %s MiB; did you mean '%sG'?"):format(said,
      said, said))
  elseif bytes == 0 and said ~= "" then
    report:add(entry, "size", "bad-value", "size must be positive")
  end
end

local function backends(line)
  local found = {}
  for _, entry in ipairs(line:all "object") do
    local id = entry.args and entry.args.id
    local size = entry.args and entry.args.size
    if id then found[id] = { entry = entry, bytes = size and kinds.bytes(size, 0) } end
  end
  return found
end

-- Whether the board takes no numa node,mem=: those up to 5.0 do (hw/core/machine.c).
local function numbered(line)
  local known = line.known
  local section = known and known:head("machine", line.board or "pc")
  local major, minor = tostring(section and section[1]):match "%-(%d+)%.(%d+)$"
  return major and tonumber(major) * 100 + tonumber(minor) > 500
end

-- How many CPUs there can be.
local function most_cpus(line)
  local entry = line:last "smp"
  local args = entry and entry.args
  if not args then return entry == nil and 1 or nil end
  return whole(args.maxcpus) or whole(line.value(entry, "cpus"))
end

local function node_cpus(entry, line, report)
  local most = entry.args and entry.args[1] == "node" and entry.args.cpus and most_cpus(line)
  local list = most and entry.args.cpus
  for _, text in ipairs(type(list) == "table" and list or { list or nil }) do
    local last = whole(tostring(text):match "(%d+)$")
    if last and last >= most then
      report:add(entry, "cpus", "size", ("CPU %d is none of the %d that there can be"):format(last,
        most))
    end
  end
end

-- Both ends of a distance are nodes that were declared before.
local function distance(entry, line, report)
  if not entry.args or entry.args[1] ~= "dist" then return end
  local number, there = 0, {}
  for _, other in ipairs(line:all "numa") do
    if other.args and other.args[1] == "node" and other.at < entry.at then
      there[whole(other.args.nodeid) or number] = true
      number = number + 1
    end
  end
  for _, key in ipairs { "src", "dst" } do
    local node = whole(entry.args[key])
    if node and not there[node] and not line.open then
      report:add(entry, key, "dangling-reference", ("no -numa node before it has the nodeid %d")
        :format(node))
    end
  end
end

-- The nodes' memory is the machine's (hw/core/numa.c).
local function nodes(line, report)
  local _, bytes = memory(line)
  local found, total, last, any = backends(line), 0, nil, false
  for _, entry in ipairs(line:all "numa") do
    local args = entry.args or {}
    if args.mem and numbered(line) then
      report:add(entry, "mem", "unknown-key", ("%s has no 'mem' for nodes; use memdev="):format(
        line.board or "the machine"))
    end
    node_cpus(entry, line, report)
    distance(entry, line, report)
    if args[1] == "node" then
      local own = args.memdev and (found[args.memdev] or {}).bytes
        or args.mem and kinds.bytes(args.mem, 20)
      if own then total, any = total + own, true
      elseif args.memdev or args.mem then return end
      any = any or numbered(line)
      last = entry
    end
  end
  bytes = bytes or 128 * MEBIBYTE
  if any and total ~= bytes then
    report:add(last, "memdev", "size", ("the nodes add up to %d MiB, and -m is %d MiB"):format(
      total // MEBIBYTE, bytes // MEBIBYTE))
  end
end

local dimms = { ["pc-dimm"] = true, nvdimm = true, ["virtio-mem-pci"] = true,
  ["virtio-pmem-pci"] = true }

local function modules(line, report)
  local _, _, args = memory(line)
  if args and args.maxmem then return end
  for _, entry in ipairs(line:all "device") do
    local driver = entry.args and (entry.args[1] or entry.args.driver)
    if dimms[driver] then
      report:add(entry, "memdev", "size", ("%s needs -m with slots= and maxmem="):format(driver))
    end
  end
end

-- virtiofs and other vhost-user backends reach into the guest's memory.
local function shared(line, report)
  local needing
  for _, entry in ipairs(line:all "device") do
    local driver = entry.args and (entry.args[1] or entry.args.driver)
    if type(driver) == "string" and driver:find "^vhost%-user%-" then needing = needing or entry end
  end
  for _, entry in ipairs(line:all "netdev") do
    if entry.form == "vhost-user" then needing = needing or entry end
  end
  if not needing or line.open then return end
  for _, entry in ipairs(line:all "object") do
    local share = entry.args and entry.args.share
    local kind = entry.form or ""
    if (share == true or share == "on" or share == "yes") and kind:find "^memory%-backend" then
      return
    end
    if kind == "memory-backend-memfd" and share == nil then return end
    if kind == "memory-backend-shm" then return end
  end
  report:add(needing, "chardev", "not-shared", ("%s needs the guest's memory shared: -object "
    .. "memory-backend-memfd,id=mem,size=…,share=on -machine memory-backend=mem"):format(
    needing.args[1] or needing.args.driver or "vhost-user"))
end

return function(line, report)
  topology(line, report)
  board_limit(line, report)
  sizes(line, report)
  nodes(line, report)
  modules(line, report)
  shared(line, report)
end

-- SPDX-License-Identifier: MIT
-- `lunik top`: what the machines of this user take of the host, refreshed until q or Ctrl-C; in a
-- pipe once. What is a rate comes from two looks, and from what both have seen.
local attached = require "lunik.cli.attached"
local core = require "lunik.core"
local exit = require "lunik.exit"
local loop = require "lunik.async.loop"
local ls = require "lunik.cli.ls"
local machines = require "lunik.supervisor.machines"
local shown = require "lunik.cli.shown"
local signal = require "posix.signal"
local terminal = require "lunik.cli.terminal"
local unistd = require "posix.unistd"
local usage = require "lunik.host.usage"

local top = { name = "top", summary = "show what running machines take of the host" }
top.example = "lunik top -n 1 --json"
top.more = { "lunik top --every 5s" }

local PATIENCE = 2         -- seconds for QEMU to tell of its disks
local EVERY = 2            -- seconds between two looks
local STDIN, STDOUT = 0, 1
local CTRL_C = "\3"
local CLEAR = "\27[H\27[J"
local ENDS = { signal.SIGINT, signal.SIGTERM, signal.SIGHUP }

local function count(text)
  local number = math.tointeger(text)
  if number and number > 0 then return number end
  return nil, ("-n: a number from 1 on expected, got '%s'"):format(text)
end

function top.args(command)
  command:option("-n --count", "so many times, one below the other; where standard output is no "
    .. "terminal: 1"):argname "COUNT":convert(count)
  command:option("--every", ("how long from one to the next; default: %ds"):format(EVERY))
    :argname "TIME"
  command:flag("--json", "as JSON, an object a line")
end

-- Bytes that all disks have read and written | nil where there is none, or QEMU does not say
local function disks(vm)
  local list = vm:qmp("query-blockstats", nil, PATIENCE)
  local read, written
  for _, one in ipairs(type(list) == "table" and list or {}) do
    local stats = type(one) == "table" and type(one.stats) == "table" and one.stats or {}
    if math.type(stats.rd_bytes) == "integer" and math.type(stats.wr_bytes) == "integer" then
      read, written = (read or 0) + stats.rd_bytes, (written or 0) + stats.wr_bytes
    end
  end
  return read, written
end

-- The numbers of its processes, as its supervisor knows them: QEMU's first.
local function processes(one)
  local list = { one.qemu and one.qemu.pid }
  for _, helper in ipairs(one.helpers or {}) do
    if helper.alive then list[#list + 1] = helper.pid end
  end
  return list
end

-- Adds to a machine's status what its processes have used until now.
local function measure(one)
  one.at, one.cpu = loop.now(), {}
  local whole, parts = 0, true
  for i, pid in ipairs(processes(one)) do
    one.cpu[pid] = usage.cpu(pid)
    local resident, proportional = usage.memory(pid)
    if i == 1 then one.resident = resident end
    parts = parts and proportional
    whole = whole + (proportional or 0)
  end
  one.proportional = parts and whole > 0 and whole or nil
  if one.qemu then one.received, one.sent = usage.network(one.qemu.pid) end
end

local function look(l, name)
  return ls.look(l, name, function(vm, one)
    one.read, one.written = disks(vm)
    measure(one)
  end)
end

-- All machines that have not ended, in the order of their names.
local function gather(l)
  local list, tasks, out = {}, {}, {}
  for i, name in ipairs(machines.present()) do
    tasks[i] = l:spawn("look", function() list[i] = look(l, name) end)
  end
  for _, task in ipairs(tasks) do
    local ok, why = task:join()
    if not ok then error(why, 0) end
  end
  for _, one in ipairs(list) do
    if one.state ~= "down" then out[#out + 1] = one end
  end
  return out
end

-- How much more there is of something a second; nil where it began anew.
local function rate(before, now, name)
  local from, to = before[name], now[name]
  if not from or not to or to < from or now.at <= before.at then return nil end
  return (to - from) / (now.at - before.at)
end

-- How many of the host's CPUs its processes have taken: those that both looks have seen.
local function cpus(before, now)
  local spent
  for pid, seconds in pairs(now.cpu) do
    local from = before.cpu[pid]
    if from and seconds >= from then spent = (spent or 0) + seconds - from end
  end
  return spent and spent / (now.at - before.at)
end

local function whole(number) return number and math.floor(number + 0.5) end

-- A machine as data, of two looks at it; the first may be missing.
local function of(before, now)
  local one = { name = now.name, state = now.state, uptime = now.uptime, cpus = now.cpus }
  one.memory = now.memory and { configured = now.memory.configured, resident = now.resident,
                                proportional = now.proportional }
  if not before or not now.at or not before.at or before.id ~= now.id then return one end
  one.cpu = cpus(before, now)
  local read, received = rate(before, now, "read"), rate(before, now, "received")
  one.disk = read and { read = whole(read), written = whole(rate(before, now, "written")) } or nil
  one.net = received and { received = whole(received), sent = whole(rate(before, now, "sent")) }
            or nil
  return one
end

local function compared(before, now)
  local known, out = {}, core.json.array {}
  for _, one in ipairs(before) do known[one.name] = one end
  for i, one in ipairs(now) do
    out[i] = of(known[one.name], one)
    out[i].shown = ls.state(one)
  end
  return out
end

local function per_second(group, name)
  return function(one)
    local number = one[group] and one[group][name]
    return number and shown.size(number) or "-"
  end
end

local columns = {
  { "NAME", function(one) return one.name end },
  { "STATE", function(one) return one.shown end },
  { "CPU", function(one) return one.cpu and ("%.0f%%"):format(one.cpu * 100) or "-" end },
  { "MEMORY", function(one)
    local memory = one.memory
    if not memory then return "-" end
    return ("%s/%s"):format(shown.size(memory.proportional or memory.resident),
                            shown.size(memory.configured))
  end },
  { "READ/S", per_second("disk", "read") }, { "WRITE/S", per_second("disk", "written") },
  { "IN/S", per_second("net", "received") }, { "OUT/S", per_second("net", "sent") },
}

-- Prints what two looks have found: whether somebody reads.
local function print(self, before, now, heading)
  local list = compared(before, now)
  if self.args.json then
    for _, one in ipairs(list) do one.shown = nil end
    self.out:write(core.json.encode { lunik = 1, at = os.time(), machines = list }, "\n")
  elseif #list == 0 then
    self.out:write(heading or "", "no machine is running\n")
  else
    self.out:write(heading or "")
    shown.table(shown.rows(columns, list), self.out)
  end
  return self.out:flush()
end

-- So many pictures, one below the other.
local function counted(self, l, most)
  local before = gather(l)
  for i = 1, most do
    l:sleep(self.every)
    local now = gather(l)
    if i > 1 and not self.args.json then self.out:write "\n" end
    if not print(self, before, now) then break end
    before = now
  end
  return exit.ok
end

local function pictures(self, l)
  local before = {}
  while true do
    local now = gather(l)
    if not print(self, before, now, CLEAR .. "lunik top, q ends it\n") then
      return self.over:set(true)
    end
    before = now
    l:sleep(self.every)
  end
end

local function keys(self, l)
  terminal.read(l, STDIN, function(bytes)
    if bytes:find "[qQ]" or bytes:find(CTRL_C, 1, true) then self.over:set(true) end
  end)
end

-- On a terminal, until it is told to end.
local function live(self, l)
  local signals <close> = assert(core.signals.open(ENDS))
  self.over = l:latch()
  local tasks = { l:spawn("pictures", pictures, self, l), l:spawn("signals", function()
    repeat l:wait(signals:fd(), "r") until signals:next(0)
    self.over:set(true)
  end) }
  local raw <close> = terminal.is_ours(STDIN) and terminal.raw(STDIN) or nil
  if raw then tasks[#tasks + 1] = l:spawn("keys", keys, self, l) end
  self.over:wait()
  for _, task in ipairs(tasks) do task:cancel() end
  repeat until not signals:next(0)
  return exit.ok
end

function top.run(args, out)
  local every, why, code = attached.seconds(args, "every")
  if every == false or every and every <= 0 then
    return nil, why or "--every: more than 0 seconds expected", code or exit.usage
  end
  local self = { args = args, out = out, every = every or EVERY }
  local l <close> = loop.new()
  if not args.count and not args.json and unistd.isatty(STDOUT) == 1 then
    return l:run(live, self, l)
  end
  return l:run(attached.until_interrupted, l, "the machines run on", counted, self, l,
               args.count or 1)
end

return top

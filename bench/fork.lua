-- SPDX-License-Identifier: MIT
-- Clones of a saved machine: `lunik fork` as a whole process over the same by hand (clone.lua), in
-- turns in one run, and both over a cold boot. What is read and summed up once, before the first
-- clone, stands apart; so do the steps of `--profile`, and what a clone takes of memory.
local dir = require "surroundings".dir
local clone = require "clone"
local core = require "lunik.core"
local folder = require "lunik.saved.folder"
local host = require "lunik.host"
local lunik = require "lunik"
local measure = require "measure"
local read = require "lunik.vm.save.read"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"
local wait = require "posix.sys.wait"

local COUNT = tonumber(arg and arg[1]) or 5
local MANY = tonumber(arg and arg[2]) or 8
local recipe, saved = dir .. "/vm.lua", dir .. "/vm.saved"
local share = dir .. "/share"

local function write(path, text)
  local file <close> = assert(io.open(path, "w"))
  file:write(text)
end

local function does(...)
  local child <close> = assert(core.proc.spawn { argv = { "build/lunik", ... },
    env = measure.environment, fds = { [1] = nil, [2] = nil } })
  local how, status = child:wait(600)
  assert(how == "exited" and status == 0, ("lunik %s: %s %s"):format((...), how, status))
end

-- What a verb prints.
local function says(...) return measure.lunik(2, ...) end

local function names()
  local list = {}
  for i = 1, MANY do list[i] = "bench-fork-" .. i end
  return list
end

-- The template: a guest that is up, and has mounted and unmounted once.
local function prepare()
  stat.mkdir(share, 448)
  write(share .. "/f", "readable\n")
  measure.run { measure.program "qemu-img", "create", "-q", "-f", "qcow2", dir .. "/base.qcow2",
                "64M" }
  write(recipe, ([[local guest = %q
return machine { name = "bench-fork", accel = "tcg", memory = { size = "256M", kept = true },
  kernel = guest .. "/vmlinux", initrd = guest .. "/initramfs.img", agent {}, console {}, nic {},
  disk { file = "base.qcow2", overlay = true }, hotplug { ports = 2 },
  append = "console=ttyS0 tsc=reliable no_timer_check nokaslr mitigations=off "
    .. "random.trust_cpu=on cryptomgr.notests panic=-1 loglevel=6" }]]):format(
    require "posix.stdlib".realpath "build/guest"))
end

local function boot() does("up", recipe) end

local opened

-- What clones by hand are started from: the memory, read once and sealed, as lunik has it.
local function template()
  opened = assert(folder.open(saved))
  local memory = assert(core.ram.new("floor", opened.machine.files.memory.size, true))
  assert(opened:copy("memory", memory:fd()))
  assert(memory:seal())
  return { memory = memory, state = function() return assert(opened:file "state") end }
end

local function plan(name, private)
  local data = assert(read(opened))
  data.again = true
  data.fork = { of = "bench-fork", number = 1, private = private, mounts = {} }
  return assert(lunik.plan(recipe, { set = { name = name }, kept = true, saved = data }))
end

-- A wish: private or copied, to the agent, renewed, and a mount.
local ways = {
  { "private, to the agent", private = true, steps = "agent" },
  { "private, another machine", private = true },
  { "copied, to the agent", steps = "agent" },
  { "copied, another machine" },
  { "copied, a fresh mount readable", mount = true },
}

local function by_hand(way, source, one)
  local self = clone.start(one, source, way.private)
  if way.steps ~= "agent" then self:renew() end
  if way.mount then self:mount(share) end
  return self
end

local function floor(way, source)
  return function()
    local one = plan("by-hand", way.private)
    local from = measure.now()
    local self = by_hand(way, source, one)
    local seconds = measure.now() - from
    self:close()
    return seconds
  end
end

local AFTER = { ["restore: renew"] = true, ["restore: mounts"] = true }

-- Each step's times, by its name, in order; and what of the whole is none of a way's.
local function add(profile, steps, way)
  local apart = 0
  for _, each in ipairs(steps) do
    local key = each.step
    if not profile[key] then
      profile[#profile + 1], profile[key] = key, {}
    end
    table.insert(profile[key], each.ms)
    if key == "template" or way.steps == "agent" and AFTER[key] then
      apart = apart + each.ms / 1000
    end
    apart = apart + add(profile, each.steps or {}, way)
  end
  return apart
end

local function arguments(way, count)
  local words = { "fork", saved, "-n", tostring(count), "--json", "--profile", "--memory",
                  way.private and "private" or "copied" }
  if way.mount then
    words[#words + 1], words[#words + 2] = "--mount", share .. ":/figure"
  end
  return table.unpack(words)
end

local function figure(way, profile)
  return function()
    local from = measure.now()
    local text = says(arguments(way, 1))
    local seconds = measure.now() - from
    does("down", "--force", "bench-fork-1")
    for line in text:gmatch "[^\n]+" do
      local said = core.json.decode(line)
      if said.kind == "profile" then return seconds - add(profile, said.steps, way) end
    end
    error "no profile"
  end
end

local function median(list)
  table.sort(list)
  return list[#list // 2 + 1]
end

local function print_profile(profile)
  for _, step in ipairs(profile) do
    print(("    %-28s %8.1f ms"):format(step, median(profile[step])))
  end
end

-- Half of many clones by hand in a process of its own, so that as many are under way as there are
-- CPUs; they stay until it is told.
local function worker(way, source, first, step)
  local ready, told = { unistd.pipe() }, { unistd.pipe() }
  local plans = {}
  for i = first, MANY, step do plans[#plans + 1] = plan("by-hand-" .. i, way.private) end
  local pid = assert(unistd.fork())
  if pid == 0 then
    unistd.close(ready[1])
    unistd.close(told[2])
    local list = {}
    for i, one in ipairs(plans) do list[i] = by_hand(way, source, one) end
    unistd.write(ready[2], "+")
    unistd.read(told[1], 1)
    for _, one in ipairs(list) do one:close() end
    unistd._exit(0)
  end
  unistd.close(ready[2])
  unistd.close(told[1])
  return { pid = pid, ready = ready[1], told = told[2] }
end

local function many_by_hand(way, source)
  return function()
    local from = measure.now()
    local workers = {}
    for i = 1, host.cpus do workers[i] = worker(way, source, i, host.cpus) end
    for _, one in ipairs(workers) do assert(unistd.read(one.ready, 1) == "+") end
    local seconds = measure.now() - from
    for _, one in ipairs(workers) do
      unistd.write(one.told, "+")     -- its end is open in those that came later, too
      wait.wait(one.pid)
      unistd.close(one.told)
      unistd.close(one.ready)
    end
    return seconds
  end
end

local function proportional(pid)
  local file <close> = assert(io.open(("/proc/%d/smaps_rollup"):format(pid)))
  return tonumber(file:read "a":match "\nPss:%s+(%d+)")
end

-- What each of the running clones takes, by its part, in kB.
local function memory_of(list)
  local found = { qemu = 0, supervisor = 0, helpers = 0 }
  for _, name in ipairs(list) do
    local status = core.json.decode(says("status", "--json", name))
    for _, part in ipairs { "qemu", "supervisor" } do
      found[part] = found[part] + proportional(status[part].pid) / #list
    end
    for _, one in ipairs(status.helpers) do
      found.helpers = found.helpers + proportional(one.pid) / #list
    end
  end
  return found
end

local taken

local function many(way)
  return function()
    local from = measure.now()
    local text = says(arguments(way, MANY))
    local seconds = measure.now() - from
    taken = memory_of(names())
    does("down", "--force", table.unpack(names()))
    local before = core.json.decode(text:match '[^\n]*"kind":"profile"[^\n]*').steps
    for _, each in ipairs(before) do
      if each.step == "template" then return seconds - each.ms / 1000 end
    end
    return seconds
  end
end

prepare()
local cold = measure.one(boot)
does("down", "--force", "bench-fork")
cold = math.min(cold, measure.one(boot))
does("mount", "bench-fork", share, "--to", "/once")
does("unmount", "bench-fork", "once")
does("save", "bench-fork", saved)
local source = template()
print(("fork: a cold boot, by lunik up %29.0f ms"):format(cold * 1000))
for _, way in ipairs(ways) do
  local profile = {}
  local a, b = measure.pairs(COUNT, floor(way, source), figure(way, profile))
  measure.print("fork: " .. way[1], "ms", a, b)
  print(("    of a cold boot: by hand 1/%.1f, lunik 1/%.1f"):format(cold / a, cold / b))
  if way.steps ~= "agent" then print_profile(profile) end
end
for _, way in ipairs { { "private", private = true }, { "with mounts", mount = true } } do
  local a, b = measure.pairs(math.max(1, COUNT // 2), many_by_hand(way, source), many(way))
  measure.print(("fork: %d at once, %s"):format(MANY, way[1]), "ms", a, b)
  print(("    in cold boots: by hand %.2f, lunik %.2f"):format(a / cold, b / cold))
  print(("    each takes %.1f MB: QEMU %.1f, supervisor %.1f, daemons %.1f (PSS)"):format(
    (taken.qemu + taken.supervisor + taken.helpers) / 1024, taken.qemu / 1024,
    taken.supervisor / 1024, taken.helpers / 1024))
end

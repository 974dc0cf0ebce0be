-- SPDX-License-Identifier: MIT
-- A claim of a pool's clone, until a program runs in it, and until that has ended: over the same by
-- hand, where a clone (clone.lua) stands by paused, or runs. Who takes one by hand asks QEMU
-- whether it is there and runs, and has the agent in step, before it is told anything. And what
-- clones that stand ready cost: memory, and processor time.
local dir = require "surroundings".dir
local clone = require "clone"
local core = require "lunik.core"
local folder = require "lunik.saved.folder"
local lunik = require "lunik"
local measure = require "measure"
local read = require "lunik.vm.save.read"
local unistd = require "posix.unistd"
local usage = require "lunik.host.usage"

local COUNT = tonumber(arg and arg[1]) or 8
local IDLE = 10            -- seconds in which the ready ones are watched
local recipe, saved = dir .. "/vm.lua", dir .. "/vm.saved"

local file <close> = assert(io.open(recipe, "w"))
file:write(([[local guest = %q
return machine { name = "bench-pool", accel = "tcg", memory = { size = "256M", kept = true },
  kernel = guest .. "/vmlinux", initrd = guest .. "/initramfs.img", agent {}, nic {},
  append = "console=ttyS0 tsc=reliable no_timer_check nokaslr mitigations=off "
    .. "random.trust_cpu=on cryptomgr.notests panic=-1 loglevel=6" }]]):format(
  require "posix.stdlib".realpath "build/guest"))
file:close()

measure.run { "build/lunik", "up", recipe }
measure.run { "build/lunik", "save", "bench-pool", saved }
local pool, problems = lunik.pool { from = saved, warm = 2, max = 8 }
if not pool then error(lunik.text(problems)) end

-- What clones by hand are started from, as lunik has it.
local opened = assert(folder.open(saved))
local memory = assert(core.ram.new("floor", opened.machine.files.memory.size, true))
assert(opened:copy("memory", memory:fd()))
assert(memory:seal())
local source = { memory = memory, state = function() return assert(opened:file "state") end }

-- One that stands by, `renewed` or as its state was read: it has run nothing yet.
local function by_hand(renewed)
  local data = assert(read(opened))
  data.again = true
  data.fork = { of = "bench-pool", number = 1, private = true, mounts = {} }
  local one = clone.start(assert(lunik.plan(recipe, { set = { name = "by-hand" }, kept = true,
                                                       saved = data })), source, true)
  if renewed then one:renew() end
  return one
end

local function claim(one, paused)
  if paused then assert(one.qmp:exec("cont", nil, 60)) end
  assert(assert(one.qmp:exec("query-status", nil, 60)).status == "running")
  local id = math.random(1 << 30)
  assert(one:ask("guest-sync", { id = id }) == id)
end

local function begun(one)
  return one:ask("guest-exec", { path = "true", ["capture-output"] = true }).pid
end

local function ended(one, pid)
  repeat local state = one:ask("guest-exec-status", { pid = pid }) until state.exited
end

-- By hand, until a program runs, or has ended. how: paused, renewed, to_end
local function floor(how)
  return function()
    local one = by_hand(how.renewed)
    if how.paused then assert(one.qmp:exec("stop", nil, 60)) end
    local from = measure.now()
    claim(one, how.paused)
    local pid = begun(one)
    if how.to_end then ended(one, pid) end
    local seconds = measure.now() - from
    one:close()
    return seconds
  end
end

-- Nobody is measured while a clone is started in the place of another.
local function rest()
  repeat
    local ready = 0
    for _, one in ipairs(assert(pool:status()).clones) do
      ready = ready + (one.state == "ready" and 1 or 0)
    end
    unistd.sleep(ready < 2 and 1 or 0)
  until ready == 2
end

local function figure(to_end)
  return function()
    rest()
    local from = measure.now()
    local vm <close> = assert(pool:claim())
    if to_end then
      assert(vm:exec { "true" })
    else
      assert(vm:spawn { "true" })
    end
    return measure.now() - from
  end
end

for _, each in ipairs {
  { "runs; a paused one that has run nothing", paused = true },
  { "runs; a paused one by hand", paused = true, renewed = true },
  { "runs; a running one by hand", renewed = true },
  { "has ended; a paused one by hand", paused = true, renewed = true, to_end = true },
  { "has ended; a running one by hand", renewed = true, to_end = true },
} do
  measure.print("pool: until a program " .. each[1], "ms",
                measure.pairs(COUNT, floor(each), figure(each.to_end)))
end

rest()
local records, ready = require "lunik.store.records", {}
for _, one in ipairs(assert(pool:status()).clones) do
  local runtime = require "lunik.host".runtime .. "/" .. one.name
  ready[#ready + 1] = { memory = one.memory, pid = assert(records.read(runtime)).qemu.pid }
end
local before = {}
for i, one in ipairs(ready) do before[i] = usage.cpu(one.pid) end
unistd.sleep(IDLE)
for i, one in ipairs(ready) do
  print(("%-44s %8.1f MiB   %5.2f%% of a CPU"):format("pool: a clone that stands ready",
    one.memory / 2 ^ 20, (usage.cpu(one.pid) - before[i]) / IDLE * 100))
end
assert(pool:stop())

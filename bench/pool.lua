-- SPDX-License-Identifier: MIT
-- A claim of a pool's clone, until a program runs in it, and until that has ended: over the same by
-- hand, where a clone (clone.lua) stands by paused, and over one that stands by and runs, whose
-- agent is asked. And what clones that stand ready cost: memory, and processor time.
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

-- One that stands by.
local function by_hand()
  local data = assert(read(opened))
  data.again = true
  data.fork = { of = "bench-pool", number = 1, private = true, mounts = {} }
  local one = clone.start(assert(lunik.plan(recipe, { set = { name = "by-hand" }, kept = true,
                                                       saved = data })), source, true)
  one:renew()
  return one
end

local function begun(one)
  return one:ask("guest-exec", { path = "true" }).pid
end

local function ended(one, pid)
  repeat local state = one:ask("guest-exec-status", { pid = pid }) until state.exited
end

-- By hand, from a clone that was paused or runs on, until a program runs, or has ended.
local function floor(paused, to_end)
  return function()
    local one = by_hand()
    if paused then assert(one.qmp:exec("stop", nil, 60)) end
    local from = measure.now()
    if paused then assert(one.qmp:exec("cont", nil, 60)) end
    local pid = begun(one)
    if to_end then ended(one, pid) end
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

measure.print("pool: a claim to a program that runs; cont by hand", "ms",
              measure.pairs(COUNT, floor(true), figure()))
measure.print("pool: a claim to a program's end; cont by hand", "ms",
              measure.pairs(COUNT, floor(true, true), figure(true)))
measure.print("pool: a claim to a program's end; running by hand", "ms",
              measure.pairs(COUNT, floor(false, true), figure(true)))

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

-- SPDX-License-Identifier: MIT
-- Short jobs (boot, one command, power off), 60 or as many as $COUNT says: through
-- `lunik submit --engine local -j 2` over `lunik run vm.lua -- true` by hand in a loop; and through
-- a Slurm of scripts/slurm, two at once, over local, where Slurm is installed. Slurm's own share is
-- what `srun true` takes, printed apart.
local core = require "lunik.core"
local environment = require "lunik.process.environment"
local host = require "lunik.host"
local measure = require "measure"
local stdlib = require "posix.stdlib"
local surroundings = require "surroundings"

local count = math.tointeger(os.getenv "COUNT") or 60
local dir, program = surroundings.dir, stdlib.realpath "build/lunik"
local cluster = dir .. "/slurm"

local RECIPE = [[
return machine { name = "m", accel = "tcg", cpus = 1, memory = "128M", agent {}, console {},
  kernel = %q .. "/vmlinux", initrd = %q .. "/initramfs.img",
  append = "console=ttyS0 tsc=reliable no_timer_check nokaslr mitigations=off panic=-1" }
]]

-- Runs a program to its end, with what it prints dropped.
local function run(argv, status)
  local child <close> = assert(core.proc.spawn { argv = argv, path = true, env = environment(),
    cwd = argv.cwd or dir })
  local how, value = child:wait(3600)
  assert(how == "exited" and value == (status or 0), ("%s: %s %s"):format(argv[1], how, value))
end

local function write(name, text)
  local file <close> = assert(io.open(dir .. "/" .. name, "w"))
  file:write(text)
end

local function submit(engine)
  run { program, "submit", "--engine", engine, "-j", "2", "vm.lua", "--each", "list", "--",
        "echo", "{}" }
end

local function by_hand()
  for i = 1, count do run { program, "run", "vm.lua", "--", "echo", tostring(i) } end
end

local function through_slurm()
  submit "slurm"
  run { program, "wait", "slurm:" .. surroundings.first }
end

local function total(what, floor, figure)
  print(("%-44s floor %8.1f s    figure %8.1f s    ratio %.2f"):format(what, floor, figure,
    figure / floor))
end

local guest = stdlib.realpath "build/guest"
write("vm.lua", RECIPE:format(guest, guest))
local lines = {}
for i = 1, count do lines[i] = tostring(i) end
write("list", table.concat(lines, "\n") .. "\n")

local hand = measure.one(by_hand)
local here = measure.one(function() submit "local" end)
total(("%d jobs, local -j2 over a loop"):format(count), hand, here)

if not host.program "slurmctld" then
  print "no Slurm here: apt-get install slurm-wlm munge"
  return
end
local _ <close> = setmetatable({}, { __close = function()
  run { "scripts/slurm", "stop", cluster, cwd = stdlib.realpath "." }
end })
run { "scripts/slurm", "start", cluster, cwd = stdlib.realpath "." }
stdlib.setenv("SLURM_CONF", cluster .. "/slurm.conf")
surroundings.first = "1"
total(("%d jobs, Slurm (two at once) over local"):format(count), here, measure.one(through_slurm))
local _, srun = measure.pairs(10, function() run { "true" } end,
  function() run { "srun", "true" } end)
print(("%-44s %.0f ms each"):format("Slurm's own: srun true", srun * 1000))

-- SPDX-License-Identifier: MIT
-- A machine that goes on from where it was saved, over a boot of the same, both until the guest's
-- agent answers; and over a floor that does the same bare: the memory copied, QEMU started on the
-- same argv, its state read, `cont`, the agent's answer.
local bare = require "bare"
local core = require "lunik.core"
local folder = require "lunik.saved.folder"
local lunik = require "lunik"
local measure = require "measure"
local read = require "lunik.vm.save.read"
local unistd = require "posix.unistd"

local COUNT = tonumber(arg and arg[1]) or 5
local PATIENCE = 120

local guest = require "posix.stdlib".realpath "build/guest"
local dir = os.getenv "XDG_STATE_HOME" .. "/bench-state"
require "posix.sys.stat".mkdir(dir, 448)
local recipe, saved = dir .. "/vm.lua", dir .. "/vm.saved"
local file <close> = assert(io.open(recipe, "w"))
file:write(([[local guest = %q
return machine { name = "bench-state", accel = "tcg", memory = { size = "256M", kept = true },
  kernel = guest .. "/vmlinux", initrd = guest .. "/initramfs.img", agent {}, console {},
  append = "console=ttyS0 tsc=reliable no_timer_check nokaslr mitigations=off "
    .. "random.trust_cpu=on cryptomgr.notests panic=-1 loglevel=6" }]]):format(guest))
file:close()

local function does(...)
  measure.run({ "build/lunik", ... }, PATIENCE)
end

local function boot()
  local seconds = measure.one(function() does("up", recipe) end)
  does("down", "--force", "bench-state")
  return seconds
end

local function restore()
  local seconds = measure.one(function() does("restore", "--again", saved) end)
  does("down", "--force", "bench-state")
  return seconds
end

-- Waits for the end of what QEMU reads: it tells.
local function incoming(qmp, fd)
  assert(qmp:exec("migrate-set-capabilities", { capabilities = {
    { capability = "x-ignore-shared", state = true } } }, 60))
  assert(qmp:submit("getfd", { fdname = "state" }, { fds = { fd } }))
  assert(qmp:exec("query-version", nil, 60))
  assert(qmp:exec("migrate-incoming", { uri = "fd:state" }, 60))
  repeat until assert(qmp:exec("query-status", nil, 60)).status ~= "inmigrate"
end

local function floor()
  local opened = assert(folder.open(saved))
  local plan = assert(lunik.plan(recipe, { saved = assert(read(opened)) }))
  local one = bare.new(plan)
  local from = measure.now()
  local memory = assert(opened:file "memory")
  one.fill = function(name, fd)
    if name ~= "mem" then return end
    local copier <close> = assert(core.copy.new(memory, fd))
    repeat until not copier:step(1 << 30)
  end
  local qmp = bare.answer(one:start())
  local state = assert(opened:file "state")
  incoming(qmp, state)
  local agent <close> = assert(core.chan.connect(plan:runtime_file "agent.sock", 5))
  assert(qmp:exec("cont", nil, 60))
  assert(agent:send('{"execute": "guest-sync", "arguments": {"id": 7}}\n', 5))
  repeat
    local answer = core.json.decode(assert(agent:receive(PATIENCE)))
  until answer["return"] == 7
  local seconds = measure.now() - from
  unistd.close(memory)
  unistd.close(state)
  bare.quit(qmp)
  one:close()
  return seconds
end

does("up", recipe)
does("save", "bench-state", saved)
local bottom, figure = measure.pairs(COUNT, floor, restore)
measure.print("state: a restore to the agent", "ms", bottom, figure)
measure.print("state: a restore over a boot", "ms", measure.one(boot), figure)
folder.open(saved):remove()

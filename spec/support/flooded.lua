-- A machine whose every channel is flooded, in a process of its own, as a supervisor runs it:
-- `lua flooded.lua DIRECTORY SECONDS`. Its QEMU is the fake one; the guest's agent and console are
-- processes that write without end. Prints "ready" when it serves, and when it is idle; floods when
-- it reads a line, for so long.
local agent = require "lunik.vm.guest.agent"
local console = require "lunik.vm.console"
local control = require "lunik.control"
local core = require "lunik.core"
local launch = require "lunik.launch"
local loop = require "lunik.async.loop"
local plans = require "support.plans"
local share = require "lunik.vm.console.share"
local signal = require "posix.signal"
local terminal = require "lunik.cli.terminal"
local tidy = require "lunik.async.tidy"
local unistd = require "posix.unistd"

local dir, seconds = arg[1], tonumber(arg[2])
local l <close> = loop.new()
local heard = 0

-- Starts a process that writes `text` for as long as it is wanted: our end, its number.
local function flooder(text)
  local ours, theirs = assert(core.chan.pair())
  local pid = assert(unistd.fork())
  if pid > 0 then
    theirs:close()
    return ours, pid
  end
  ours:close()
  local until_then = loop.now() + seconds
  while loop.now() < until_then and theirs:send(text, 10) do theirs:read(65536, 0) end
  while theirs:read(65536) do end
  unistd._exit(0)
end

local function flood(vm, pids)
  local said, spoke
  said, pids[1] = flooder(("a line of the guest's console\r\n"):rep(512))
  spoke, pids[2] = flooder(("y\n{}\n"):rep(4096))
  vm.console = console.new(l, said)
  l:spawn_for(vm.problem, "console", vm.console.work, vm.console)
  local shared = share.new(l, vm.console, assert(core.chan.listen(dir .. "/attach.sock")))
  l:spawn_for(vm.problem, "share", shared.work, shared)
  vm.guest.agent = agent.new(l, spoke)
  l:spawn_for(vm.problem, "exec", function()
    while true do
      vm.guest:exec({ "uname" }, { seconds = 1 })
      l:pass()
    end
  end)
  vm:qmp("flood", nil, 60)
end

l:run(function()
  local acts = core.json.array { { "greet" }, { "flooding", seconds } }
  local vm = assert(launch.start(plans.fake(dir, acts), l, { hooks = {
    { point = "event", fn = function() heard = heard + 1 end },
    { point = "STOP", fn = function(handle) handle:sleep(0.001) end } } }))
  tidy.enable(l)
  local server = control.new(l, assert(core.chan.listen(dir .. "/control.sock", { backlog = 64 })))
  server:serve(vm)
  vm.teller = function() end
  local pids = {}
  tidy.note(l, 1 << 20)
  l:sleep(2)
  unistd.write(1, "ready\n")
  l:spawn("questions", function()
    terminal.read(l, 0, function() flood(vm, pids) end)
    for _, pid in ipairs(pids) do signal.kill(pid, signal.SIGKILL) end
    unistd.write(1, ("heard %d\n"):format(heard))
    vm:qmp "quit"
  end)
  vm:wait()
  server:close()
end)

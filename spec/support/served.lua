-- A machine with a control socket, in a process of its own: `lua served.lua DIRECTORY ACTS|""`. It
-- runs a real QEMU without a machine, or the fake one with `acts` in JSON; a hook hears every
-- event. Prints "ready" when it serves, a line of figures for each line that it reads.
local control = require "lunik.control"
local core = require "lunik.core"
local launch = require "lunik.launch"
local loop = require "lunik.async.loop"
local plans = require "support.plans"
local terminal = require "lunik.cli.terminal"
local unistd = require "posix.unistd"

local dir, acts = arg[1], arg[2] ~= "" and core.json.decode(arg[2]) or nil
local l <close> = loop.new()
local heard = 0

local function resident()
  local file <close> = assert(io.open "/proc/self/status")
  return math.tointeger(file:read "a":match "VmRSS:%s+(%d+)")
end

local function say(text) unistd.write(1, text .. "\n") end

l:run(function()
  local plan = acts and plans.fake(dir, acts) or plans.new(dir, { argv = { "-nodefaults",
    "-machine", "none", "-display", "none", "-name", "t",
    "-qmp", "unix:" .. dir .. "/qmp.sock,server=on,wait=off" } })
  local vm = assert(launch.start(plan, l, { hooks = {
    { point = "event", fn = function() heard = heard + 1 end } } }))
  local server = control.new(l, assert(core.chan.listen(dir .. "/control.sock")))
  server:serve(vm)
  vm.tell = function(_, kind, text) if kind == "problem" then say("problem: " .. text) end end
  say "ready"
  l:spawn("questions", function()
    terminal.read(l, 0, function()
      collectgarbage()
      say(("%d %d %d %d"):format(heard, math.floor(collectgarbage "count"), resident(),
                                 server.count))
    end)
    vm:qmp "quit"
  end)
  vm:wait()
  server:close()
end)

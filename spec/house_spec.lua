-- The floors of the house as they are walked: a real machine is started, its guest mounted, plugged
-- and unplugged, spoken to over the control socket and stopped, and every call of a method between
-- two rooms is held against the table. A require is seen by its text (layers_spec); a call through
-- a handle is seen here.
local brief = require "lunik.launch.brief"
local client = require "lunik.supervisor.client"
local control = require "lunik.control"
local core = require "lunik.core"
local floors = require "support.floors"
local house = require "support.house"
local launch = require "lunik.launch"
local loop = require "lunik.async.loop"
local lunik = require "lunik"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local trace = require "support.trace"

local RECIPE = [[
  local guest = %q
  return machine { name = "traced", accel = "tcg", cpus = 1, memory = "256M",
    kernel = guest .. "/vmlinux", initrd = guest .. "/initramfs.img", append = %q,
    nic { forward = { ssh = 22 } }, agent {}, console {},
    mount { from = "share", to = "/work" },
    hotplug { ports = 4, memory = "1G", mount = function(_, m) return m end },
    every(0.2, function() end),
    on("event", function() end), on("stop", function() end), on("exit", function() end) }]]

-- Calls that go up, by rooms, and why they may.
local UP = {
  ["device > plan"] = "a row draws itself onto the plan that it is given",
  ["device > hotplug"] = "the same of a running machine, onto what is drawn",
  ["machine > plan"] = "and so does a need",
}

describe("the house", function()
  it("is walked downwards only", function()
    local dir = scratch.new()
    stat.mkdir(dir .. "/share", 448)
    scratch.write(dir .. "/disk.raw", ("\0"):rep(1 << 20))
    local recipe = scratch.write(dir .. "/vm.lua", RECIPE:format(house.guest, house.append))
    local host = setmetatable({ runtime = dir .. "/run", state = dir .. "/state" },
                              { __index = require "lunik.host" })
    local function life(l)
      local plan, machine = lunik.plan(recipe, { host = host })
      assert(plan, plan or lunik.text(machine))
      local vm = assert(launch.start(plan, l, brief.of_machine(machine, l, { tied = true })))
      local server = control.new(l, assert(core.chan.listen(dir .. "/control.sock")))
      server:serve(vm)
      local one = assert(client.open("traced", dir .. "/control.sock", l)).handle
      assert(one:wait(60, "ready"))
      assert(one:mount { from = dir .. "/share", to = "/mnt/hot", tag = "hot" })
      assert(one:unmount("hot", { force = true }))
      assert(one:plug("disk", { file = dir .. "/disk.raw", id = "d" }))
      assert(one:exec { "true" } == 0)
      assert(one:unplug "d")
      assert(one:mounts { { from = dir .. "/share", to = "/work" } })
      assert(one:status() and one:slots())
      one:close()
      vm:stop("over", "quit")
      assert(vm:wait(20))
      server:close()
    end
    local l <close> = loop.new()
    local calls = trace.of(function() l:run(life, l) end)
    scratch.remove(dir)
    local up, used = {}, {}
    for from, list in pairs(calls) do
      for to, name in pairs(list) do
        local way = floors.room(from) .. " > " .. floors.room(to)
        if floors.of(to) < floors.of(from) then
          used[way] = true
          if not UP[way] then up[#up + 1] = ("%s calls %s:%s"):format(from, to, name) end
        end
      end
    end
    table.sort(up)
    assert.same({}, up)
    for way in pairs(UP) do assert(used[way], way .. ": never walked") end
    assert(calls["vm/init.lua"] and calls["control/session.lua"], "nothing was traced")
  end)
end)

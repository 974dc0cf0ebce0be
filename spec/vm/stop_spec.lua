-- The way down: each rung has its time, and being told again climbs at once.
local launch = require "lunik.launch"
local loop = require "lunik.async.loop"
local plans = require "support.plans"
local scratch = require "support.scratch"
local stop = require "lunik.vm.stop"

describe("stop", function()
  local dir, told
  before_each(function()
    dir, told = scratch.new(), {}
  end)
  after_each(function()
    assert.same({}, scratch.list(dir))
    scratch.remove(dir)
  end)

  -- Runs a machine, and `fn(vm, loop)` beside it; returns how it ended.
  local function ends(plan, fn, hooks)
    local l <close> = loop.new()
    return l:run(function()
      local vm = assert(launch.start(plan, l, { hooks = hooks, tell = function(kind, text)
        if kind == "stop" or kind == "problem" then told[#told + 1] = text end
      end }))
      fn(vm, l)
      return assert(vm:wait(60))
    end)
  end

  local function fake(acts, times)
    return plans.fake(dir, plans.told { { "return" }, table.unpack(acts) },
                      { stop = times or { powerdown = 30, quit = 30, term = 30 } })
  end

  local function stopping(times)
    return function(vm, l)
      for i = 1, times or 1 do
        vm:stop "spec"
        if i < (times or 1) then
          repeat l:sleep(0.005) until #told >= i
        end
      end
    end
  end

  local POWERDOWN, QUIT = "asking the guest to power off", "telling QEMU to quit"
  local TERM, KILL = "sending QEMU SIGTERM", "sending QEMU SIGKILL"

  it("asks the guest, and waits for it", function()
    local how = ends(fake { { "hear", "system_powerdown" }, { "return" },
      { "event", "SHUTDOWN", { guest = true, reason = "guest-shutdown" } }, { "exit", 0 } },
      stopping())
    assert.same({ "poweroff", 0 }, { how.kind, how.code })
    assert.same({ POWERDOWN }, told)
  end)

  it("stops a machine that has lived as long as it may, and says so", function()
    local plan = fake { { "hear", "system_powerdown" }, { "return" },
      { "event", "SHUTDOWN", { guest = true, reason = "guest-shutdown" } }, { "exit", 0 } }
    plan.life = 0.2
    local how = ends(plan, function() end)
    assert.same({ "deadline", 6, "its life of 0.2 s is over" }, { how.kind, how.code, how.text })
    assert.same({ POWERDOWN }, told)
  end)

  it("goes down in the time that somebody else leaves, without what is not heard", function()
    local plan = fake({ { "hear", "system_powerdown" }, { "return" }, { "hear", "quit" },
      { "return" }, { "hang" } })
    local how = ends(plan, function(vm)
      vm.qemu.shielded = true
      vm:stop("the job is cancelled", nil, 3)
    end)
    assert.same({ "deadline", 9 }, { how.kind, how.signal })
    assert.same({ POWERDOWN, QUIT, KILL }, told)
  end)

  it("asks nothing of a machine that has ended, and has no record any more", function()
    local how = ends(fake { { "exit", 1 } }, function(vm)
      vm:wait()
      vm:stop "spec"
      assert.is_true(vm:record())
    end)
    assert.equal("crash", how.kind)
    assert.same({}, told)
  end)

  it("asks again while a guest does not hear, as one that boots", function()
    local row = stop.rungs[1]
    local before = row.again
    row.again = 0.01
    local how = ends(fake { { "hear", "system_powerdown" }, { "return" },
      { "hear", "system_powerdown" }, { "return" }, { "hear", "system_powerdown" }, { "return" },
      { "event", "SHUTDOWN", { guest = true, reason = "guest-shutdown" } }, { "exit", 0 } },
      stopping())
    row.again = before
    assert.same({ "poweroff", 0 }, { how.kind, how.code })
    assert.same({ POWERDOWN }, told)
  end)

  it("asks the agent as soon as it comes, where the guest has not heard its button", function()
    local l <close> = loop.new()
    local asked, pressed = 0, 0
    l:run(function()
      local guest = { changed = l:condition(), agent = {} }
      function guest.agent.sync() return true end
      function guest.agent.shutdown()
        asked = asked + 1
        return true
      end
      local vm = { loop = l, guest = guest, plan = { stop = { powerdown = 30 } }, qemu = {},
        dispatch = { fire = function() end }, monitor = {} }
      vm.qemu.ended = l:latch()
      function vm.monitor.exec()
        pressed = pressed + 1
        return {}
      end
      function vm.tell() end
      function vm.problem(text) error(text, 0) end
      function vm.pausing() end
      function vm.record() end
      local ladder = stop.new(vm)
      ladder:ask "spec"
      while pressed == 0 do l:pass() end
      guest.open = true
      guest.changed:fire()
      for _ = 1, 5 do l:pass() end
      vm.qemu.ended:set "exited"
      ladder.task:join(5)
    end)
    assert.same({ 1, 1 }, { pressed, asked })
  end)

  it("tells QEMU to quit when the guest's time is over", function()
    local how = ends(fake({ { "serve" } }, { powerdown = 0.05, quit = 30, term = 30 }), stopping())
    assert.same({ "deadline", 6 }, { how.kind, how.code })
    assert.same({ POWERDOWN, QUIT }, told)
  end)

  it("climbs every rung by its time down to SIGKILL", function()
    local how = ends(fake({ { "ignore", 15 }, { "hang" } },
                          { powerdown = 0.05, quit = 0.05, term = 0.05 }), stopping())
    assert.same({ "deadline", 6, 9 }, { how.kind, how.code, how.signal })
    assert.same({ POWERDOWN, QUIT, TERM, KILL }, told)
  end)

  it("climbs at once when it is told again", function()
    local how = ends(fake { { "hang" } }, stopping(3))
    assert.same({ "killed", 7, 15 }, { how.kind, how.code, how.signal })
    assert.same({ POWERDOWN, QUIT, TERM }, told)
  end)

  it("climbs to the top for the very impatient", function()
    local how = ends(fake { { "ignore", 15 }, { "hang" } }, stopping(4))
    assert.same({ "killed", 9 }, { how.kind, how.signal })
    assert.same({ POWERDOWN, QUIT, TERM, KILL }, told)
  end)

  it("gives a guest that boots still, and can be asked, the time to boot that it had", function()
    local function rungs(strict, known)
      local l <close> = loop.new()
      return l:run(function()
        local count = 0
        local vm = { loop = l, began = l.now(), dispatch = { fire = function() end }, monitor = {},
          guest = { changed = l:condition(), poller = {} }, qemu = {},
          plan = { stop = { powerdown = 0, quit = 30, strict = strict },
                   ready = { timeout = 600 } } }
        vm.qemu.ended = l:latch()
        function vm.guest.reachable() return true end
        for name, value in pairs(known or {}) do vm.guest[name] = value end
        function vm.monitor.exec() return {} end
        function vm.tell() count = count + 1 end
        function vm.problem(text) error(text, 0) end
        function vm.pausing() end
        function vm.record() end
        stop.new(vm):ask "spec"
        l:sleep(0.05)
        vm.qemu.ended:set "exited"
        return count
      end)
    end
    assert.equal(1, rungs())
    assert.equal(1, rungs(nil, { agent = {} }))
    assert.equal(2, rungs(true))
    assert.equal(2, rungs(nil, { agent = {}, heard = true }))
    assert.equal(2, rungs(nil, { poller = { proved = true } }))
    assert.equal(2, rungs(nil, { reachable = function() return false end }))
  end)

  it("does not ask a guest that is paused", function()
    local how = ends(plans.new(dir, { stop = { powerdown = 30, quit = 30, term = 30 } }),
      function(vm)
        vm:qmp "stop"
        vm:stop "spec"
      end)
    assert.same({ "killed", 7 }, { how.kind, how.code })
    assert.same({ POWERDOWN, QUIT }, told)
  end)

  it("runs hooks of `stop` first, in reverse, each raise told of", function()
    local order = {}
    ends(plans.new(dir), stopping(), {
      { point = "stop", fn = function() order[#order + 1] = "first" end },
      { point = "stop", fn = function() error "no" end },
      { point = "stop", fn = function(vm)
        order[#order + 1] = "last, " .. vm:qmp("query-status").status
      end } })
    assert.same({ "last, running", "first" }, order)
  end)

  it("does not let a hook of `stop` hold up somebody who asks again", function()
    local how = ends(plans.new(dir), function(vm, l)
      vm:stop "spec"
      l:sleep(0.02)
      assert.same({}, told)
      vm:stop "spec"
    end, { { point = "stop", fn = function(vm) vm:sleep(600) end } })
    assert.equal("deadline", how.kind)
  end)

  it("ends a machine from a hook", function()
    local how = ends(plans.new(dir), function() end, {
      { point = "ready", fn = function(vm) vm:stop "from a hook" end } })
    assert.equal("deadline", how.kind)
  end)

  it("ends a QEMU that stays after its guest has shut down", function()
    local how = ends(fake { { "event", "SHUTDOWN", { guest = true, reason = "guest-shutdown" } },
                            { "serve" } }, function() end)
    assert.same({ "poweroff", 0 }, { how.kind, how.code })
  end)

  it("ends a machine that a panic has paused", function()
    local how = ends(fake { { "event", "GUEST_PANICKED", { action = "pause" } },
                            { "event", "STOP" }, { "serve" } }, function() end)
    assert.same({ "panic", 5 }, { how.kind, how.code })
  end)

  it("has QEMU's signals when its monitor is lost", function()
    local times = { powerdown = 30, quit = 30, term = 5 }
    local how = ends(fake({ { "bytes", "]]]" }, { "hang" } }, times), function(vm, l)
      vm.monitor.closed:wait()
      l:pass()
      vm:stop "spec"
    end)
    assert.equal("killed", how.kind)
    assert.equal(15, how.signal)
  end)
end)

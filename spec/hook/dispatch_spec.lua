-- Hooks while a machine runs: their order, what a raise stops, and that none stalls
-- the others or the loop.
local dispatch = require "lunik.hook.dispatch"
local points = require "lunik.hook.points"
local loop = require "lunik.async.loop"
local scratch = require "support.scratch"
local specs = require "support.specs"

describe("dispatch", function()
  local order, told
  before_each(function() order, told = {}, {} end)

  local function named(point, name, fn)
    return { point = point, at = "vm.lua:" .. name, fn = fn or function(...)
      order[#order + 1] = name
      return ...
    end }
  end

  -- Runs `fn(dispatch, loop)` in a task.
  local function with(hooks, fn)
    local l <close> = loop.new()
    l:run(function()
      fn(dispatch.new(l, hooks, function(text) told[#told + 1] = text end), l)
    end)
  end

  it("calls hooks as written, and those of stop and exit in reverse", function()
    with({ named("ready", 1), named("exit", 2), named("ready", 3), named("exit", 4) }, function(d)
      d:fire "ready"
      d:fire "exit"
    end)
    assert.same({ 1, 3, 4, 2 }, order)
  end)

  it("hands the hook what the point gives, waits included", function()
    local got
    with({ { point = "ready", fn = function(vm)
      vm.loop:sleep(0.001)
      got = vm.name
    end } }, function(d, l) d:fire("ready", { loop = l, name = "dev" }) end)
    assert.equal("dev", got)
  end)

  it("stops the start at the first hook of `started` that raises", function()
    with({ named("started", 1, function() error "no" end), named("started", 2) }, function(d)
      local ok, why = d:fire "started"
      assert.is_nil(ok)
      assert.matches("^vm.lua:1: hook started: .*no", why)
    end)
    assert.same({}, order)
    assert.same({}, told)
  end)

  it("tells what a hook of `ready` raises, and goes on", function()
    with({ named("ready", 1, function() error "no" end), named("ready", 2) }, function(d)
      assert.is_true(d:fire "ready")
    end)
    assert.same({ 2 }, order)
    assert.equal(1, #told)
    assert.matches("^vm.lua:1: hook ready: .*no", told[1])
  end)

  it("queues events and calls their hooks in the order of arrival", function()
    with({ named("STOP", "stop"), named("event", "any"), named("RESUME", "resume") }, function(d)
      d:post("STOP", {}, {})
      d:post("RESUME", {}, {})
      d:post("POWERDOWN", {}, {})
      assert.same({}, order)
      assert.is_true(d:drain(5))
    end)
    assert.same({ "stop", "any", "any", "resume", "any" }, order)
  end)

  it("handles one event at a time, even when its hook waits", function()
    with({ named("event", 1, function(vm, event)
      order[#order + 1] = event .. " begins"
      vm:sleep(0.001)
      order[#order + 1] = event .. " ends"
    end) }, function(d, l)
      for _, event in ipairs { "A", "B" } do d:post("EVENT", l, event) end
      d:drain(5)
    end)
    assert.same({ "A begins", "A ends", "B begins", "B ends" }, order)
  end)

  it("bounds the queue, and tells how many events it lost", function()
    with({ named("event", 1, function() end) }, function(d)
      for _ = 1, dispatch.LIMIT + 7 do d:post("EVENT", {}, {}) end
      d:drain(5)
    end)
    assert.same({ "7 events came faster than their hooks took them, and are lost" }, told)
  end)

  it("lets everything else run beside a hook that never ends", function()
    with({ { point = "ready", fn = function() while true do end end } }, function(d, l)
      local endless = l:spawn("endless", d.fire, d, "ready")
      local ticks = 0
      for _ = 1, 20 do
        l:sleep(0.001)
        ticks = ticks + 1
      end
      assert.equal(20, ticks)
      assert.is_false(endless.finished:is_set())
      endless:cancel()
    end)
  end)

  it("ends hooks of `exit` at their deadline, loops and waits alike", function()
    local row = points.find "exit"
    local before = row.seconds
    row.seconds = 0.05
    with({ named("exit", 1, function() while true do end end),
           named("exit", 2, function(vm) vm:sleep(60) end) }, function(d, l) d:fire("exit", l) end)
    row.seconds = before
    assert.equal(2, #told)
    assert.matches("^vm.lua:2: hook exit: took longer than", told[1])
    assert.matches("^vm.lua:1: hook exit: took longer than", told[2])
  end)

  it("does not let a hook swallow the end of its time", function()
    local row = points.find "stop"
    local before = row.seconds
    row.seconds = 0.02
    with({ named("stop", 1, function(vm)
      while true do pcall(vm.sleep, vm, 60) end
    end) }, function(d, l) d:fire("stop", l) end)
    row.seconds = before
    assert.equal(1, #told)
  end)

  it("tells of a hook that yields something of its own", function()
    local odd = named("ready", 1, function() coroutine.yield "mine" end)
    with({ odd }, function(d) d:fire "ready" end)
    assert.matches("not a wait", told[1])
  end)

  it("refuses a point that no row knows", function()
    with({}, function(d) assert.has_error(function() d:fire "reddy" end) end)
  end)
end)

describe("hook", function()
  it("finds every row by its name, and events by their looks", function()
    for _, row in ipairs(points.rows) do assert.equal(row, points.find(row.name)) end
    assert.equal("event", points.find("DEVICE_DELETED").name)
    assert.equal("event", points.find("STOP").name)
    assert.is_nil(points.find "Ready")
    assert.is_nil(points.find "")
  end)

  -- A line that fires a point is `dispatch:fire("ready", …)`, or `dispatch:post("helper-died", …)`;
  -- an event is fired by the name that QEMU gave it.
  local function fired(source, name)
    local argument = name == "event" and "event%.event" or '"' .. name:gsub("%-", "%%-") .. '"'
    for line in source:gmatch "[^\n]+" do
      for _, verb in ipairs { "fire", "post" } do
        if line:find("dispatch[.:]" .. verb .. "[(, ].-" .. argument) then return true end
      end
    end
    return false
  end

  it("has a line of lunik that fires it, for every row of a machine that runs", function()
    local source = {}
    for _, path in ipairs(specs.list("lua/lunik", "%.lua$")) do
      source[#source + 1] = scratch.read(path)
    end
    source = table.concat(source, "\n")
    for _, row in ipairs(points.rows) do
      assert(row.phase == "reading" or fired(source, row.name),
        ("lua/lunik/hook/points.lua: no line of lua/lunik fires '%s': vm.dispatch:fire(\"%s\", …)")
        :format(row.name, row.name))
    end
    assert.is_false(fired(source, "never"))
  end)
end)

-- Machines that stay paused: whichever way they are started, it is said alike, nothing of the guest
-- is waited for, and whoever resumes them, gdb too, gets a machine that runs.
local core = require "lunik.core"
local house = require "support.house"
local run = require "support.run"
local signal = require "posix.signal"

local PATIENCE = 90
local SAID = "paused, until it is resumed"

describe("a machine that stays paused", function()
  local home
  setup(function() home = house.new() end)
  after_each(function() home:clear() end)
  teardown(function() home:close() end)

  local function recipe(name, items)
    return home:recipe(name, ("return machine { name = %q, accel = 'tcg', memory = '64M', %s }")
      :format(name, items or ""))
  end

  local function state(name) return home:json("status", name, "--json").state end

  it("says so when it is up, and runs when it is resumed", function()
    for _, items in ipairs { "paused = true, agent {}", "qemu.S {}, ready = 'console: never'" } do
      local _, errors = home:does("up", recipe("one", items))
      assert.matches("one: " .. SAID .. "\n.*one: up, paused\n", errors)
      assert.equal("paused", state "one")
      home:does("resume", "one")
      assert.equal("running", state "one")
      home:does("down", "--force", "one")
    end
    local _, errors = home:does("up", "--paused", recipe "one")
    assert.matches("one: " .. SAID .. "\n.*one: up, paused\n", errors)
  end)

  it("starts again as it was started, until that is set otherwise", function()
    home:does("up", "--paused", recipe "one")
    home:does("restart", "--force", "one")
    assert.equal("paused", state "one")
    home:does("down", "--force", "one")
    local _, errors = home:does("up", "one")
    assert.matches("one: " .. SAID .. "\n.*one: up, paused\n", errors)
    home:does("restart", "--force", "--set", "paused=false", "one")
    assert.equal("running", state "one")
    home:does("restart", "--force", "one")
    assert.equal("running", state "one")
    home:does("down", "--force", "one")
  end)

  it("that a program has started so starts again so, too", function()
    local script = ([[
      local vm = assert(require "lunik".up(%q, { paused = true, set = { memory = "96M" } }))
      print(vm:status().state)
      vm:close()]]):format(recipe "six")
    assert.equal("paused\n", (run.output { path = true, cwd = home.dir, env = home.env, argv = {
      run.interpreter, "-e", ("package.path = %q package.cpath = %q ")
        :format(package.path, package.cpath) .. script } }))
    home:does("restart", "--force", "six")
    local now = home:json("status", "six", "--json")
    assert.same({ "paused", 96 << 20 }, { now.state, now.memory.configured })
    home:does("down", "--force", "six")
  end)

  it("says so in the foreground, by its recipe and by a flag", function()
    for _, argv in ipairs { { recipe("two", "paused = true") }, { "--paused", recipe "three" } } do
      local one = home:start({}, "run", table.unpack(argv))
      one:expect("lunik: " .. SAID, PATIENCE)
      one.proc:signal(signal.SIGTERM)
      one:wait(PATIENCE)
    end
  end)

  it("says so to a program", function()
    local script = ([[
      local lunik, loop, said = require "lunik", require "lunik.loop", {}
      local l <close> = loop.new()
      l:run(function()
        local vm = assert(lunik.start(%q, l, { tell = function(_, text) said[text] = true end }))
        assert(vm:wait(10, "ready") and vm:status().state == "paused")
        vm:resume()
        assert(vm:status().state == "running" and said[%q])
        vm:stop("done", "quit")
        vm:wait(60)
      end)
      print "done"
    ]]):format(recipe("four", "paused = true"), SAID)
    local text = run.output { path = true, cwd = home.dir, env = home.env, argv = { run.interpreter,
      "-e", ("package.path = %q package.cpath = %q "):format(package.path, package.cpath)
        .. script } }
    assert.equal("done\n", text)
  end)

  it("waits for gdb, and tells the line to type", function()
    local _, errors = home:does("up", recipe("five", "gdb = true"))
    local path = assert(errors:match "gdb vmlinux %-ex 'target remote (.-)'\n", errors)
    assert.equal("paused", state "five")
    local gdb <close> = assert(core.chan.connect(path, 5))
    gdb:send("+$?#3f", 5)
    local said = ""
    while #said < 5 do said = said .. assert(gdb:read(64, nil, 5)) end
    assert.matches("^%+%$T05", said)
    gdb:send("+$c#63", 5)
    assert.equal("running", state "five")
    home:does("down", "--force", "five")
  end)
end)

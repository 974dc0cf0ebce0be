-- Pipes and folders where lunik keeps files: nobody waits for what comes out of them, and what
-- cannot be written is named.
local exit = require "lunik.exit"
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("a pipe or a folder where a file belongs", function()
  local home, state
  setup(function()
    home = house.new()
    state = home.dir .. "/state/lunik/m"
  end)
  before_each(function()
    home:clear()
    home:recipe("m", [[return machine { name = "m", accel = "tcg", memory = "32M",
      console { kind = "serial" } }]])
    stat.mkdir(home.dir .. "/state/lunik", 448)
    stat.mkdir(state, 448)
  end)
  teardown(function() home:close() end)

  local function pipe(name)
    unistd.unlink(state .. "/" .. name)
    assert(os.execute(("mkfifo %s/%s"):format(state, name)))
  end

  -- What lunik prints, and its exit code; raises where it does not end.
  local function says(...)
    local one = home:start({}, ...)
    local how, status = one:wait(60)
    assert(how == "exited", ("lunik %s does not end: %s"):format((...), one.text))
    return one.text, status
  end

  local function remembered()
    scratch.write(state .. "/machine.json", '{"lunik":1,"name":"m","began":1}\n')
  end

  it("is no log", function()
    remembered()
    scratch.write(state .. "/qemu.log", "of qemu\n")
    for _, name in ipairs { "console.log", "qemu.log.1" } do pipe(name) end
    stat.mkdir(state .. "/fs-a.log", 448)
    assert.same({ "==> qemu <==\nof qemu\n", 0 }, { says("logs", "m") })
    assert.same({ "lunik logs: machine 'm' has no logs of serial\n", 1 },
                { says("logs", "m", "--source", "serial") })
  end)

  it("is none where one is followed, either", function()
    remembered()
    scratch.write(state .. "/qemu.log", "")
    local one = home:start({}, "logs", "-f", "-n", "1", "m")
    repeat
      pipe "console.log"
      scratch.write(state .. "/qemu.log", "a line\n")
      unistd.unlink(state .. "/console.log")
    until pcall(one.expect, one, "a line\n", 1)
    one.proc:signal(2)
    assert.same({ "exited", 0 }, { one:wait(60) })
    assert.is_nil(one.text:find "serial")
  end)

  it("is nothing that is known of a machine", function()
    for _, name in ipairs { "machine.json", "runtime.json" } do
      pipe(name)
      assert.matches("no machine is running", (says "ls"))
      assert.matches("^lunik status: no machine 'm'", (says("status", "m")))
      unistd.unlink(state .. "/" .. name)
    end
  end)

  it("is in the way of a start, which says so", function()
    for _, name in ipairs { "supervisor.log", "qemu.log", "console.log" } do
      pipe(name)
      local text, status = says("up", home.dir .. "/m.lua")
      local why = ("open %s/%s: is a fifo, not a file"):format(state, name)
      assert.is_truthy(text:find(why, 1, true), text)
      assert.equal(exit.start, status)
      unistd.unlink(state .. "/" .. name)
    end
  end)

  it("gives way where it has the name of a part", function()
    for _, name in ipairs { "machine.json.tmp", "runtime.json.tmp", "qemu.log.1.tmp" } do
      pipe(name)
    end
    assert.same(0, select(2, says("up", home.dir .. "/m.lua")))
    assert.same(0, select(2, says("down", "--force", "m")))
  end)
end)

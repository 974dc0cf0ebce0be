-- A machine for one program: `lunik run vm.lua -- PROGRAM`, and `lunik up vm.lua -- PROGRAM`, which
-- leaves it up.
local house = require "support.house"
local core = require "lunik.core"
local run = require "support.run"
local scratch = require "support.scratch"
local unistd = require "posix.unistd"

describe("a machine for one program", function()
  local home, recipe

  setup(function()
    home = house.new()
    recipe = home:small("one", "agent {}")
  end)
  teardown(function() home:close() end)

  -- With a text as standard input: exit code, stdout.
  local function with_input(text, ...)
    local path = scratch.write(home.dir .. "/input", text)
    local fd = require "posix.fcntl".open(path, 0)
    local out, how, status = run.output { argv = { house.program, ... }, env = home.env,
                                          cwd = home.dir, fds = { [0] = fd } }
    unistd.close(fd)
    assert.equal("exited", how)
    return status, out
  end

  it("has its input, its output and its status, and nothing of lunik's", function()
    assert.same({ 5, "out\n", "err\n" },
                { home:lunik("run", recipe, "--", "sh", "-c", "echo out; echo err >&2; exit 5") })
    assert.same({ 0, "1000000\n" },
                { with_input(("x"):rep(1000000), "run", recipe, "--", "wc", "-c") })
    assert.equal("", home:does "ls")
  end)

  it("has the status of a program that is not there, and of a signal", function()
    assert.equal(127, (home:lunik("run", recipe, "--", "no-such-program")))
    assert.equal(137, (home:lunik("run", recipe, "--", "sh", "-c", "kill -9 $$")))
  end)

  it("shows its console where that is asked for, beside the program's output", function()
    local status, out, err = home:lunik("run", "--console", recipe, "--", "echo", "out")
    assert.same({ 0, "out\n" }, { status, out })
    assert.matches("Linux version", err)
  end)

  it("is not started where no road leads to the guest", function()
    local lonely = home:small("lonely", "")
    for _, verb in ipairs { "run", "up" } do
      assert.same({ 125, "", "lunik " .. verb .. ": a program is run in the guest by its agent or "
        .. "by ssh: agent {} or ssh {} in the recipe gives one\n" },
                  { home:lunik(verb, lonely, "--", "true") })
    end
    assert.equal(2, (home:lunik("run", recipe, "--")))
  end)

  it("ends with the program that Ctrl-C ends", function()
    local one = home:start({ terminal = true }, "run", recipe, "--", "sh", "-c",
                           "echo begun; sleep 1000")
    one:expect "begun"
    one:send "\3"
    one:expect "interrupted by SIGINT"
    assert.same({ "exited", 130 }, { one:wait() })
    assert.equal("", home:does "ls")
  end)

  it("has not succeeded where the machine ends before the program", function()
    local status, _, err = home:lunik("run", recipe, "--", "sh", "-c",
      "kill -9 $(pidof qemu-ga); echo c >/proc/sysrq-trigger; sleep 100")
    assert.is_true(status == 125 or status == 5, status)
    assert.matches("^lunik run: ", err)
  end)

  it("tells a failure of lunik's from what a program exits with", function()
    local wrong = home:recipe("w", [[return machine { name = "w", accel = "tcg", agent {},
      kernel = "/dev/null" }]])
    local late = home:recipe("l", [[return machine { name = "l", accel = "tcg", agent {},
      ready_within = 0.1, stop = { powerdown = 1 } }]])
    for _, verb in ipairs { "run", "up" } do
      for _, each in ipairs { wrong, late } do
        local status, _, err = home:lunik(verb, each, "--", "exit", "3")
        assert.equal(125, status, err)
      end
    end
    home:does("down", "--force", "l")
  end)

  it("may be left up", function()
    assert.equal("out\n", (home:does("up", recipe, "--", "echo", "out")))
    assert.equal("running", home:json("status", "one", "--json").state)
    assert.same({ 3 }, { (home:lunik("exec", "one", "sh", "-c", "exit 3")) })
  end)

  it("ends what its client has left", function()
    for _ = 1, 3 do
      local child = core.proc.spawn { argv = { house.program, "exec", "one", "sh", "-c",
        "echo >/run/begun; sleep 4321 & sleep 4321" }, env = home.env, cwd = home.dir }
      home:does("exec", "one", "sh", "-c", "while ! [ -e /run/begun ]; do sleep 0.1; done")
      child:signal(9)
      child:wait(60)
      home:does("exec", "one", "sh", "-c", "while ps | grep -q '[s]leep 4321'; do sleep 0.1; done")
      home:does("exec", "one", "rm", "/run/begun")
    end
  end)
end)

-- What a recipe provisions, in a real guest: once for its disk, gone on with where it failed.
local house = require "support.house"
local scratch = require "support.scratch"
local unistd = require "posix.unistd"

describe("what a recipe provisions", function()
  local home
  setup(function() home = house.new() end)
  teardown(function() home:close() end)
  after_each(function() home:clear() end)

  local function recipe(overlay, steps)
    return home:small("p", ([[disk { file = guest .. "/disk.qcow2", overlay = %s }, agent {},
      %s]]):format(overlay, steps))
  end

  local function kept() return ("%q"):format(home.dir .. "/kept.qcow2") end

  local function steps_told(text)
    local list = {}
    for step in text:gmatch "p: provision: ([^\n]*)" do list[#list + 1] = step end
    return list
  end

  local STEPS = [[provision { "echo one; echo two >&2; id -u",
    function(vm) assert(vm:exec { "touch", "/tmp/function" } == 0) end,
    "[ -e /tmp/function ] && [ -e /tmp/fixed ]" }, provision { file = "setup" }]]

  it("is done once for a disk, in order, and gone on with where it failed", function()
    scratch.write(home.dir .. "/setup", "#!/bin/sh\necho \"by $0\" >/tmp/by; cat; echo three\n")
    local file = recipe(kept(), STEPS)
    local code, _, err = home:lunik("up", file)
    assert.equal(8, code)
    assert.matches("p: provision: echo one; .*\np: one\n", err)
    assert.matches("\np: two\n", err)
    assert.matches("\np: 0\n", err)
    assert.matches("p%.lua:5: provision: %[ %-e /tmp/function %] && %[ %-e /tmp/fixed %]: exited "
      .. "with status 1; lunik provision p goes on there\n", err)
    assert.is_nil(err:find("console's last lines", 1, true))
    assert.is_false(home:json("status", "p", "--json").ready)
    code, _, err = home:lunik("wait", "p", "--for", "ready")
    assert.equal(8, code)
    assert.matches("^lunik wait: machine 'p': .*lunik provision p goes on there\n$", err)

    home:does("exec", "p", "touch", "/tmp/fixed")
    local _, told = home:does("provision", "p")
    assert.same({ "[ -e /tmp/function ] && [ -e /tmp/fixed ]", home.dir .. "/setup" },
                steps_told(told))
    assert.matches("p: three\n", told)
    assert.matches("p: provisioned, 2 steps\n$", told)
    assert.matches("^by /tmp/", (home:does("exec", "p", "cat", "/tmp/by")))
    local now = home:json("status", "p", "--json")
    assert.same({ true }, { now.ready, now.problem })

    assert.equal("p: nothing to do\n", (select(2, home:does("provision", "p"))))
    assert.equal(4, home:json("provision", "p", "--again", "--json").steps)
    home:does("down", "p")
    assert.same({}, steps_told((select(2, home:does("up", file)))))
    home:does("down", "p")

    unistd.unlink(home.dir .. "/kept.qcow2")
    assert.equal(8, (home:lunik("up", file)))
    home:does("down", "p")
    home:does("rm", "p")
    assert.same({}, scratch.list(home.dir .. "/state"))
  end)

  it("is done at each start where the disk's writes are thrown away", function()
    local file = recipe("true", 'provision { "echo anew" }')
    for _ = 1, 2 do
      local _, err = home:does("up", file)
      assert.same({ "echo anew" }, steps_told(err))
      assert.matches("p: anew\n", err)
      home:does("down", "p")
    end
  end)

  it("is done before hooks of ready are called, and ends `run` where it fails", function()
    local file = recipe("true", 'on("ready", function(vm) print "READY" vm:stop() end), '
      .. 'provision { "echo first" }')
    local _, _, err = home:lunik("run", "--no-console", file)
    assert.matches("first\n.*READY", err)
    local code
    code, _, err = home:lunik("run", "--no-console", recipe("true", 'provision { "exit 3" }'))
    assert.equal(8, code)
    assert.matches("provision: exit 3: exited with status 3", err)
  end)
end)

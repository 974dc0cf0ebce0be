-- A real guest that will not come up is not waited for: its console says so.
local house = require "support.house"
local scratch = require "support.scratch"

describe("a guest that says it will not come up", function()
  local home, recipe
  setup(function() home = house.new() end)
  teardown(function() home:close() end)
  before_each(function()
    recipe = home:recipe("rootless", ([[return machine { name = "rootless", accel = "tcg",
      memory = "256M", kernel = %q .. "/vmlinux", append = "console=ttyS0 loglevel=6 panic=0",
      agent {}, ready_within = 600,
      on("panic", function(_, sign) print("HOOK", sign.name, #sign.lines > 1) end) }]]):format(
      house.guest))
  end)
  after_each(function() home:clear() end)

  local SIGN = "the guest's kernel panicked: .*Kernel panic %- not syncing: VFS: Unable to mount "

  it("ends `up` at once, with its lines, and runs on", function()
    local code, out, err = home:lunik("up", recipe)
    assert.equal(5, code)
    assert.matches("not ready: " .. SIGN, err)
    assert.matches("the console's last lines were:\n.*Kernel panic", err)
    assert.matches("HOOK%s+the guest's kernel panicked%s+true",
                   (home:does("logs", "rootless")) .. out .. err)
    local now = home:json("status", "rootless", "--json")
    assert.is_false(now.ready)
    assert.matches("^not ready: " .. SIGN, now.problem)
    assert.equal("panic", now.unready)
    code, out, err = home:lunik("wait", "rootless", "--for", "ready", "--json")
    assert.equal(5, code)
    assert.matches('"kind":"panic"', out)
    assert.matches("^lunik wait: machine 'rootless': not ready: " .. SIGN, err)
    home:does("down", "--force", "rootless")
  end)

  it("ends `run`, whose machine is of no use", function()
    local code, _, err = home:lunik("run", "--no-console", recipe)
    assert.equal(5, code)
    assert.matches("lunik run: " .. SIGN, err)
  end)

  it("may be one that the recipe knows, which comes first", function()
    local text = scratch.read(recipe):gsub("agent {},",
      'agent {}, signs = { { text = "VFS: Unable to mount", name = "there is no pool" } },')
    local code, _, err = home:lunik("up", home:recipe("poolless", text))
    assert.equal(5, code)
    assert.matches("not ready: there is no pool: .*VFS: Unable to mount root", err)
    home:does("down", "--force", "rootless")
  end)

  it("ends `run` of a program", function()
    local code, _, err = home:lunik("run", recipe, "--", "true")
    assert.equal(5, code)
    assert.matches(SIGN, err)
  end)
end)

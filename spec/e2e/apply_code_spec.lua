-- `lunik apply` to a recipe's functions: hooks, routines and policies of a real machine that are
-- others from then on. No guest has to come up for that.
local house = require "support.house"
local scratch = require "support.scratch"

local home
setup(function() home = house.new() end)
teardown(function() home:close() end)

-- Waits until something holds.
local function eventually(holds)
  for _ = 1, 1000 do
    local value = holds()
    if value then return value end
    home:lunik("version")
  end
  error "it never came to that"
end

local function recipe(text)
  return home:recipe("dev", ([[
    local function note(...)
      host.run { "sh", "-c", 'echo "$@" >>"$0"', %q, ... }
    end
    return machine { name = "dev", accel = "tcg", memory = "128M", %s }]]):format(
    home.dir .. "/notes", text))
end

local function notes() return scratch.read(home.dir .. "/notes") or "" end

local function says(text) return function() return notes():find(text, 1, true) end end

local function applied()
  local out, errors = home:does("apply", "dev")
  return out .. errors
end

describe("a running machine whose recipe has other functions", function()
  before_each(function() scratch.write(home.dir .. "/notes", "") end)
  after_each(function() home:lunik("down", "--force", "dev") end)

  it("calls those of events from then on, and keeps what vm:on has added", function()
    home:does("up", recipe [[on("STOP", function() note "old" end),
      on("started", function(vm) vm:on("STOP", function() note "added" end) end)]])
    recipe [[on("STOP", function() note "new" end),
      on("started", function(vm) vm:on("STOP", function() note "added" end) end)]]
    assert.equal("done:\n  ~ hook STOP\n", applied())
    home:does("pause", "dev")
    eventually(says "added")
    assert.equal("new\nadded\n", notes())
    assert.equal("dev: it is what its recipe says\n", applied())
  end)

  it("ends the timers that it had, and starts those that it has", function()
    home:does("up", recipe [[every(0.1, function() note "old" end)]])
    eventually(says "old")
    recipe [[every(0.1, function() note "new" end)]]
    assert.equal("done:\n  ~ hook every\n", applied())
    scratch.write(home.dir .. "/notes", "")
    eventually(says "new\nnew\nnew")
    assert.is_nil(says "old"())
    recipe ""
    assert.equal("done:\n  - hook every\n", applied())
    scratch.write(home.dir .. "/notes", "")
    home:does("status", "dev")
    assert.equal("", notes())
  end)

  it("asks the policies that it has, about what comes with them, too", function()
    local no = 'hotplug { ports = 2, disk = function() return nil, "not here" end }'
    home:does("up", recipe(no))
    scratch.write(home.dir .. "/data.raw", ("\0"):rep(1 << 20))
    local _, _, why = home:lunik("plug", "dev", "disk", "file=data.raw")
    assert.matches("refused by the policy at .*: not here\n$", why)
    recipe [[hotplug { ports = 2, disk = function() return true end }, disk { file = "data.raw" }]]
    assert.equal("done:\n  ~ hotplug: disk: a policy -> another policy\n  + disk data: file: "
                 .. home.dir .. "/data.raw\n", applied())
    recipe(no .. ', disk { file = "data.raw" }')
    assert.equal("done:\n  ~ hotplug: disk: a policy -> another policy\n", applied())
    assert.equal(1, (home:lunik("plug", "dev", "disk", "file=data.raw", "id=more")))
  end)

  it("lets a hook that runs come to its end first", function()
    local go = home.dir .. "/go"
    home:does("up", recipe(([[on("STOP", function(vm)
      note "begins"
      while host.run { "test", "-e", %q } ~= 0 do vm:sleep(0.1) end
      note "ends"
    end), on("RESUME", function() note "old" end)]]):format(go)))
    home:does("pause", "dev")
    eventually(says "begins")
    recipe [[on("RESUME", function() note "new" end)]]
    local client = home:start({}, "apply", "dev")
    home:does("resume", "dev")
    assert.same({ state = "doing", text = "~ hook RESUME, - hook STOP" },
                eventually(function()
                  local last = home:json("status", "dev", "--json").applied
                  return last and last.steps[1]
                end))
    scratch.write(go, "")
    assert.same({ "exited", 0 }, { client:wait() })
    assert.equal("done:\n  ~ hook RESUME\n  - hook STOP\n", client.text)
    eventually(says "new")
    assert.equal("old\nbegins\nends\nnew\n", notes())
  end)

  it("has them, too, once another supervisor has adopted it", function()
    home:does("up", recipe [[on("STOP", function() note "old" end)]])
    recipe [[on("STOP", function() note "new" end)]]
    applied()
    require "posix.signal".kill(home:json("status", "dev", "--json").supervisor.pid, 9)
    home:does("adopt", "dev")
    home:does("pause", "dev")
    eventually(says "new")
    assert.equal("new\n", notes())
    assert.equal("dev: it is what its recipe says\n", applied())
  end)

  it("has those that it had where something else fails", function()
    home:does("up", recipe [[hotplug { ports = 1 }, on("STOP", function() note "old" end)]])
    recipe [[hotplug { ports = 1, disk = function() return nil, "no" end },
      disk { file = "data.raw" }, on("STOP", function() note "new" end)]]
    local status, _, why = home:lunik("apply", "dev")
    assert.equal(1, status)
    assert.matches("no; what was done before is undone\n$", why)
    home:does("pause", "dev")
    eventually(says "old")
    local _, out = home:lunik("apply", "dev", "--dry-run")
    assert.matches("  ~ hook STOP\n", out, 1, true)
  end)

  it("is refused what its recipe is not any more", function()
    local path = recipe [[on("STOP", function() note "old" end)]]
    home:does("up", path)
    local read = home:does("qmp", "dev", "lunik-apply",
      '{"outline": {"name": "dev", "dir": "/", "scalars": {}, "written": {}, "items": [], '
      .. '"needs": {}, "hooks": [{"point": "STOP", "digest": "x"}]}, "dry_run": true}')
    assert.matches("~ hook STOP", read, 1, true)
    local status, _, why = home:lunik("qmp", "dev", "lunik-apply",
      ('{"outline": {"name": "dev", "dir": "/", "scalars": {}, "written": {}, "items": [], "needs":'
       .. ' {}, "hooks": [{"point": "STOP", "digest": "x"}]}, "files": [{"path": "%s", "text": '
       .. '"os.exit()"}]}'):format(path))
    assert.equal(1, status)
    assert.matches("dev.lua: was changed while it was being applied", why, 1, true)
  end)
end)

-- Which hooks run when, each cell of the reference's table: a machine that starts, is saved,
-- restored, adopted, restarted, stopped, forked. `panic` and `helper-died` are called elsewhere.
local core = require "lunik.core"
local house = require "support.house"
local loop = require "lunik.async.loop"
local points = require "lunik.hook.points"
local scratch = require "support.scratch"

local HAPPENS = { panic = true, ["helper-died"] = true }
local READING = { configure = " by-configure", plan = "id=by-plan" }

local RECIPE = [[
  local trace = %q
  local function note(point)
    return on(point, function()
      host.run { "sh", "-c", "echo \"$1\" >>\"$2\"", "sh", point, trace }
    end)
  end
  return machine { name = "m", accel = "tcg", memory = "256M",
    kernel = %q .. "/vmlinux", initrd = %q .. "/initramfs.img", append = %q, agent {},
    note "started", note "ready", note "event", note "saved", note "restored", note "forked",
    note "stop", note "exit",
    on("configure", function(raw) raw.append = raw.append .. " by-configure" end),
    on("plan", function(plan) plan:add(qemu.device { "edu", id = "by-plan" }) end) }]]

describe("the table of hooks", function()
  local home, trace
  setup(function()
    home = house.new()
    trace = home.dir .. "/trace"
    home:recipe("m", RECIPE:format(trace, house.guest, house.guest, house.append))
  end)
  teardown(function() home:close() end)

  -- The points of which hooks were called since the last time.
  local function called()
    local found = {}
    for point in (scratch.read(trace) or ""):gmatch "[^\n]+" do found[point] = true end
    scratch.write(trace, "")
    return found
  end

  -- Hooks of reading leave their mark on the command line, each time that QEMU is started.
  local function started()
    local pid = home:json("status", "--json", "m").qemu.pid
    local words = scratch.read(("/proc/%d/cmdline"):format(pid))
    for point, mark in pairs(READING) do
      assert.truthy(words:find(mark, 1, true), point)
    end
  end

  -- Holds what was called against the rows of these roads.
  local function is(...)
    local expected, found = {}, called()
    for _, row in ipairs(points.rows) do
      for _, road in ipairs { ... } do
        local runs = row.roads:find("%f[%a]" .. road .. "%f[%A]")
        local is_traced = not HAPPENS[row.name] and not READING[row.name]
        if runs and is_traced then expected[row.name] = true end
      end
    end
    assert.same(expected, found)
  end

  local function adopt()
    local pid = home:json("status", "--json", "m").supervisor.pid
    local proc <close> = assert(core.proc.open(pid))
    proc:signal(9)
    proc:wait(60)
    home:does("adopt", "m")
    home:does("pause", "m")
    home:does("resume", "m")
    -- hooks of events are called behind them
    local l <close> = loop.new()
    local ends = l.now() + 60
    l:run(function()
      while scratch.read(trace) == "" and l.now() < ends do l:sleep(0.1) end
    end)
  end

  it("is what happens, to a machine that was restored, too", function()
    scratch.write(trace, "")
    home:does("up", "m.lua")
    started()
    is "up"
    home:does("down", "--save", "m")
    is "save"
    home:does("restore", "m")
    started()
    is "restore"
    adopt()
    is "adopt"
    home:does("restart", "m")
    started()
    is("down", "up")
    home:does("down", "--save", "m")
    home:does("restore", "m")
    called()
    home:does("down", "m")
    is "down"
    home:does("up", "m")
    home:does("save", "m", "m.saved")
    called()
    home:does("fork", "m.saved")
    is "fork"
    home:does("down", "--force", "m-1")
  end)
end)

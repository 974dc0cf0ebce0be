-- A supervisor that is killed between any two steps of a mount, or of an unmount, and the one that
-- takes over: at the end nothing leaks, and the table of ports is true. The moments are swept, and
-- what the machine's record said at each is printed.
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"
local sound = require "support.faults.sound"
local stat = require "posix.sys.stat"

local STEP, MOMENTS = 5, 26          -- milliseconds: a mount takes some 80 in this guest

describe("a supervisor killed while it", function()
  local home, seen
  setup(function()
    home, seen = house.new(), {}
    stat.mkdir(home.dir .. "/share", 448)
    scratch.write(home.dir .. "/share/f", "shared")
    home:does("up", home:small("m", "agent {}, hotplug { ports = 4 }"))
  end)
  teardown(function()
    home:lunik("down", "--force", "m")
    home:close()
    table.sort(seen)
    print("mount faults: " .. #seen .. " moments")
    for _, line in ipairs(seen) do print("  " .. line) end
  end)

  local function kill_supervisor()
    local pid = home:json("status", "m", "--json").supervisor.pid
    return function()
      local supervisor = core.proc.open(pid)
      supervisor:signal(9)
      supervisor:wait(60)
      supervisor:close()
    end
  end

  -- What the record says of the mount.
  local function recorded()
    local record = core.json.decode(scratch.read(home.dir .. "/run/lunik/m/vm.json"))
    local device = record.devices[1]
    return device and device.state or "nothing"
  end

  local function at(ms, what, ...)
    local kill = kill_supervisor()
    local asked = home:start({}, what, "m", ...)
    sound.pause(ms)
    kill()
    asked:wait(60)
    local state = recorded()
    home:does("adopt", "m")
    local mounts = sound.settled(home, "m")
    sound.check(home, "m", mounts)
    seen[#seen + 1] = ("%-8s after %3d ms  %-11s -> %s"):format(what, ms, state,
      mounts[1] and mounts[1].state or "nothing")
    return mounts
  end

  it("mounts is followed by one that finishes, or takes back", function()
    for moment = 0, MOMENTS - 1 do
      local mounts = at(moment * STEP, "mount", home.dir .. "/share", "--to", "/share")
      if mounts[1] then home:does("unmount", "m", "share") end
    end
    sound.check(home, "m", {})
  end)

  it("has a mount whose daemon dies too is followed by one that takes it from the guest", function()
    home:does("mount", "m", home.dir .. "/share", "--to", "/share")
    local helper = core.proc.open(home:json("status", "m", "--json").helpers[1].pid)
    kill_supervisor()()
    local asked = home:start({}, "adopt", "m")
    sound.pause(100)
    helper:signal(9)
    helper:close()
    asked:wait(60)
    local mounts = sound.settled(home, "m")
    assert.equal("dead", mounts[1].state)
    for _ = 1, 600 do
      if pcall(sound.check, home, "m", mounts) then break end
      sound.pause(100)
    end
    sound.check(home, "m", mounts)
    home:does("unmount", "m", "share")
  end)

  it("unmounts is followed by one that finishes", function()
    for moment = 0, MOMENTS // 2 - 1 do
      if not home:json("mounts", "m", "--json").mounts[1] then
        home:does("mount", "m", home.dir .. "/share", "--to", "/share")
      end
      at(moment * STEP * 2, "unmount", "share")
    end
    home:lunik("unmount", "m", "share")
    sound.check(home, "m", {})
  end)
end)

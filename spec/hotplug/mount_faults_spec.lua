-- A supervisor that is killed between any two steps of a mount, or of an unmount, and the one that
-- takes over: at the end nothing leaks, and the table of ports is true. The moments are swept, and
-- what the machine's record said at each is printed.
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local time = require "posix.time"

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

  local function pause(ms) time.nanosleep { tv_sec = ms // 1000, tv_nsec = ms % 1000 * 1000000 } end

  local function kill_supervisor()
    local pid = home:json("status", "m", "--json").supervisor.pid
    return function()
      local supervisor = core.proc.open(pid)
      supervisor:signal(9)
      supervisor:wait(5)
      supervisor:close()
    end
  end

  -- What the record says of the mount.
  local function recorded()
    local record = core.json.decode(scratch.read(home.dir .. "/run/lunik/m/vm.json"))
    local device = record.devices[1]
    return device and device.state or "nothing"
  end

  local function settled()
    for _ = 1, 200 do
      local mounts = home:json("mounts", "m", "--json").mounts
      local busy = false
      for _, one in ipairs(mounts) do
        busy = busy or one.state == "plugging" or one.state == "unplugging"
          or one.state == "waiting"
      end
      if not busy then return mounts end
      pause(50)
    end
    error "the machine does not settle"
  end

  local function qmp(command) return home:json("qmp", "m", "--json", command)["return"] end

  local function behind_ports()
    local found = {}
    for _, bus in ipairs(qmp "query-pci") do
      for _, device in ipairs(bus.devices) do
        for _, each in ipairs(device.pci_bridge and device.pci_bridge.devices or {}) do
          found[#found + 1] = device.qdev_id .. " " .. each.qdev_id
        end
      end
    end
    return found
  end

  -- Everything that a mount is made of is there for each mount that is listed, and for no other.
  local function sound(mounts)
    local expected, chardevs, ports, files = {}, 0, {}, {}
    for i, one in ipairs(mounts) do expected[i] = one.port .. " " .. one.id end
    assert.same(expected, behind_ports())
    for _, each in ipairs(qmp "query-chardev") do
      chardevs = chardevs + (each.label:find "^fs%-" and 1 or 0)
    end
    assert.equal(#mounts, chardevs)
    for _, port in ipairs(home:json("slots", "m", "--json").slots) do
      if port.state ~= "free" then ports[#ports + 1] = port.port .. " " .. port.id end
    end
    assert.same(expected, ports)
    assert.equal(#mounts, #home:json("status", "m", "--json").helpers)
    local daemons = 0
    for _, each in ipairs(home:processes()) do
      daemons = daemons + (each:find "virtiofsd" and 1 or 0)
    end
    assert.is_true(daemons == 2 * #mounts or daemons == #mounts, "daemons: " .. daemons)
    for _, name in ipairs(scratch.list(home.dir .. "/run/lunik/m")) do
      if name:find "^fs%-" then files[#files + 1] = name end
    end
    assert.same({}, files)
    local text = home:does("exec", "m", "--", "sh", "-c",
                           "grep -c virtiofs /proc/self/mountinfo || true")
    assert.equal(("%d\n"):format(#mounts), text)
    for _, one in ipairs(mounts) do
      assert.equal("shared", (home:does("exec", "m", "--", "cat", one.to .. "/f")))
    end
  end

  local function at(ms, what, ...)
    local kill = kill_supervisor()
    local asked = home:start({}, what, "m", ...)
    pause(ms)
    kill()
    asked:wait(20)
    local state = recorded()
    home:does("adopt", "m")
    local mounts = settled()
    sound(mounts)
    seen[#seen + 1] = ("%-8s after %3d ms  %-11s -> %s"):format(what, ms, state,
      mounts[1] and mounts[1].state or "nothing")
    return mounts
  end

  it("mounts is followed by one that finishes, or takes back", function()
    for moment = 0, MOMENTS - 1 do
      local mounts = at(moment * STEP, "mount", home.dir .. "/share", "--to", "/share")
      if mounts[1] then home:does("unmount", "m", "share") end
    end
    sound {}
  end)

  it("unmounts is followed by one that finishes", function()
    for moment = 0, MOMENTS // 2 - 1 do
      if not home:json("mounts", "m", "--json").mounts[1] then
        home:does("mount", "m", home.dir .. "/share", "--to", "/share")
      end
      at(moment * STEP * 2, "unmount", "share")
    end
    home:lunik("unmount", "m", "share")
    sound {}
  end)
end)

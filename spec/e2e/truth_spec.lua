-- What is said of a machine is so, with a real guest: of a mount that failed, while a guest
-- reboots, of what was plugged, and of troubles that are over.
local core = require "lunik.core"
local house = require "support.house"
local stat = require "posix.sys.stat"
local time = require "posix.time"

describe("a machine", function()
  local home
  before_each(function()
    home = house.new()
    for _, name in ipairs { "a", "b" } do stat.mkdir(home.dir .. "/" .. name, 448) end
  end)
  after_each(function() home:close() end)

  local function status() return home:json("status", "m", "--json") end

  it("that is up says of a mount that failed that it is not there, and why", function()
    local _, said = home:does("up", home:small("m", [[
      agent {}, mount { from = "a", to = "/a" }, mount { from = "b", to = "/proc/b" } ]]))
    local why = "mkdir: can't create directory '/proc/b': No such file or directory"
    assert.matches("m: mount a: /a in the guest\n", said, 1, true)
    assert.matches(("m: mount b: not at /proc/b in the guest: %s\n"):format(why), said, 1, true)
    assert.matches(("m: problem: %s/m.lua:4: mount b: at /proc/b: %s; in the guest: ")
                   :format(home.dir, why), said, 1, true)
    local failed = status().mounts[2]
    assert.same({ "b", "failed", why }, { failed.tag, failed.state, failed.why })
    assert.matches("b at /proc/b, failed: " .. why, (home:does("status", "m")), 1, true)
  end)

  -- Asks until it is ready again: what it said before.
  local function until_ready()
    local seen = {}
    for _ = 1, 1000 do
      local now = status()
      if now.ready then return seen, now end
      seen[#seen + 1] = now
    end
    error "it is never ready"
  end

  for how, argv in pairs {
    ["from outside"] = { "reset", "m" },
    ["by itself"] = { "exec", "--timeout", "5s", "m", "reboot", "-f" },
  } do
    it("that reboots " .. how .. " is not ready, and has no mounts, until it is there", function()
      home:does("up", home:small("m", [[agent {}, mount { from = "a", to = "/a" } ]]))
      local events = home:start({}, "events", "-f", "m")
      home:lunik(table.unpack(argv))
      events:expect("RESET", 60)
      events:close()
      local seen, now = until_ready()
      assert.is_true(#seen > 0)
      for _, each in ipairs(seen) do assert.equal("waiting", each.mounts[1].state) end
      assert.equal("mounted", now.mounts[1].state)
      home:does("exec", "m", "--", "grep", "/a virtiofs", "/proc/mounts")
    end)
  end

  it("whose guest shuts its agent down is not ready, before it resets too", function()
    home:does("up", home:small("m", [[agent {}, mount { from = "a", to = "/a" } ]]))
    local events = home:start({}, "events", "-f", "m")
    home:does("exec", "m", "--", "sh", "-c", "(sleep 0.2; kill $(pidof qemu-ga); sleep 2; "
              .. "reboot -f) >/dev/null 2>&1 &")
    events:expect('VSERPORT_CHANGE {"id":"agent","open":false}', 60)
    local now = status()
    assert.same({ false, "waiting" }, { now.ready, now.mounts[1].state })
    events:expect("a is at /a in the guest", 60)
    events:close()
    until_ready()
  end)

  it("lists all that was plugged, by what it is unplugged by, and counts it", function()
    local image = home.dir .. "/d.raw"
    assert(io.open(image, "w")):write(("\0"):rep(1 << 20)):close()
    home:does("up", home:small("m", [[agent {}, mount { from = "a", to = "/a" },
      hotplug { ports = 4, memory = "1G", cpus = 3, scsi = true, usb = true } ]]))
    local ids = {}
    for _, argv in ipairs { { "memory", "size=128M" }, { "cpu" }, { "usb" }, { "nic" },
                            { "disk", "file=" .. image, "bus=scsi" } } do
      ids[#ids + 1] = home:does("plug", "m", table.unpack(argv)):match "[^\n]+"
    end
    table.sort(ids)
    assert.same({ "cpu-p1", "d", "mem-p1", "net-p1", "usb-p1" }, ids)
    local function listed(list)
      local out = {}
      for _, each in ipairs(list) do
        if each.state == "plugged" and each.family ~= "mount" then out[#out + 1] = each.id end
      end
      table.sort(out)
      return out
    end
    local now = status()
    assert.same(ids, listed(home:json("slots", "m", "--json").slots))
    assert.same(ids, listed(now.devices))
    assert.same({ 3, (512 + 128) << 20 }, { now.cpus, now.memory.configured })
    local text = home:does("status", "m")
    assert.matches("\n  cpus        3\n", text)
    assert.matches("of 640M in use\n", text)
    for _, id in ipairs { "mem-p1", "usb-p1", "net-p1", "d" } do home:does("unplug", "m", id) end
    assert.same({ "cpu-p1" }, listed(status().devices))
    assert.equal(512 << 20, status().memory.configured)
  end)

  it("whose mount was made anew at its path says that it has the old one", function()
    home:does("up", home:small("m", [[agent {}, mount { from = "a", to = "/a" } ]]))
    assert.equal("mounted", status().mounts[1].state)
    assert(os.rename(home.dir .. "/a", home.dir .. "/old"))
    stat.mkdir(home.dir .. "/a", 448)
    assert.equal("stale", status().mounts[1].state)
    local events = home:start({}, "events", "-f", "m")
    home:does("reset", "m")
    events:expect("/a is another directory in the guest than %S+/a on the host", 60)
    events:close()
    assert.equal("stale", status().mounts[1].state)
  end)

  it("that ends well does, whatever trouble there was before", function()
    home:does("up", home:small("m", [[agent {},
      mount { from = "a", to = "/a", on_death = "remount" } ]]))
    local events = home:start({}, "events", "-f", "m")
    local daemon <close> = core.proc.open(status().helpers[1].pid)
    daemon:signal(9)
    events:expect("a is mounted again", 60)
    events:close()
    local code, _, said = home:lunik("down", "m")
    assert.equal(0, code, said)
    assert.is_nil(said:find("died", 1, true), said)
    local late = home:small("m", [[console {}, ready = "console: never", ready_within = 1,
      agent {} ]])
    assert.equal(6, (home:lunik("up", late)))
    for _ = 1, 600 do
      if home:lunik("exec", "m", "true") == 0 then break end
      time.nanosleep { tv_sec = 0, tv_nsec = 100 * 1000 * 1000 }
    end
    code, _, said = home:lunik("down", "m")
    assert.equal(0, code, said)
  end)
end)

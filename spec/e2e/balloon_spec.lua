-- A balloon in a real guest: what the guest has freed, the host has back.
local house = require "support.house"
local loop = require "lunik.async.loop"

local PATIENCE = 120       -- seconds; a guest on a busy host reports what it has freed late

describe("a guest with a balloon", function()
  local home
  setup(function() home = house.new() end)
  after_each(function() home:clear() end)
  teardown(function() home:close() end)

  -- Megabytes that QEMU's process has in memory.
  local function resident()
    return home:json("status", "m", "--json").memory.resident >> 20
  end

  local function guest(script) return (home:does("exec", "m", "--", "sh", "-c", script)) end

  -- Whether QEMU has no more than `most` megabytes within that time.
  local function falls(most, seconds)
    local l <close> = loop.new()
    local ends = l.now() + seconds
    l:run(function()
      while resident() > most and l.now() < ends do l:sleep(0.2) end
    end)
    return resident() <= most
  end

  -- Has the guest fill so many megabytes and free them: how many of QEMU's are half of that.
  local function spend(megabytes)
    guest "mkdir -p /t && mount -t tmpfs -o size=400m none /t"
    local before = resident()
    guest(("head -c %d /dev/zero >/t/x"):format(megabytes << 20))
    assert.is_true(resident() >= before + megabytes * 3 // 4)
    guest "rm /t/x"
    return before + megabytes // 2
  end

  it("gives the host back what it has freed", function()
    home:does("up", home:small("m", "agent {}, balloon {}"))
    assert.is_true(falls(spend(200), PATIENCE))
  end)

  it("gives nothing back by itself where the recipe says so, and does so when asked", function()
    home:does("up", home:small("m", "agent {}, balloon { free_page_reporting = false }"))
    local half = spend(100)
    assert.is_false(falls(half, 4))
    home:does("qmp", "m", "balloon", ("value=%d"):format(160 << 20))
    assert.is_true(falls(half, PATIENCE))
  end)

  it("may get it while it runs, with memory that is shared, and lose it again", function()
    home:does("up", home:small("m", "agent {}, hotplug { ports = 1 }"))
    assert.equal("balloon\n", home:does("plug", "m", "balloon"))
    assert.is_true(falls(spend(100), PATIENCE))
    home:does("unplug", "m", "balloon")
    assert.equal("free", home:json("slots", "m", "--json").slots[1].state)
  end)
end)

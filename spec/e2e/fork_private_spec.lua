-- Clones that stand in one memory: whatever one of them does to its own, what was saved, and the
-- others, keep theirs.
local clones = require "support.clones"
local core = require "lunik.core"
local fcntl = require "posix.fcntl"
local scratch = require "support.scratch"
local signal = require "posix.signal"
local unistd = require "posix.unistd"

describe("clones that stand in one memory", function()
  local home
  setup(function()
    home = clones.new [[cpu = { "max", rdrand = false, rdseed = false },
      agent {}, nic {}, hotplug { ports = 2 }]]
  end)
  after_each(function() home:settle() end)
  teardown(function() home:close() end)

  local function guest(...) return home:guest(...) end

  local function qemu(name) return home:json("status", "--json", name).qemu.pid end

  -- Where a process has the memory that it stands in.
  local function template(pid)
    for _, number in ipairs(scratch.list(("/proc/%d/fd"):format(pid))) do
      local path = ("/proc/%d/fd/%s"):format(pid, number)
      if (unistd.readlink(path) or ""):find "^/memfd:template%-mem" then return path end
    end
    error(("process %d has no template"):format(pid))
  end

  local sum = clones.sum

  it("are other machines than what was saved, and than each other", function()
    local ask = "hostname; cat /sys/class/net/eth0/address /proc/sys/kernel/random/uuid;"
                .. "head -c 16 /dev/urandom | md5sum"
    home:does("fork", "m.saved", "-n", "3", "--memory", "private")
    local seen = {}
    for _, name in ipairs { "m-1", "m-2", "m-3" } do
      local text = guest(name, ask)
      assert.truthy(text:find("^" .. name:gsub("%-", "%%-") .. "\n52:54:00:"), text)
      for line in text:gmatch "[^\n]+" do
        assert.falsy(seen[line], text)
        seen[line] = true
      end
    end
  end)

  it("leave it as it was when one has filled its memory, freed it, and crashed", function()
    home:does("fork", "m.saved", "-n", "2", "--memory", "private")
    local pids = { qemu "m-1", qemu "m-2" }
    local before = sum(template(pids[1]))
    local saved = core.json.decode(scratch.read(home.dir .. "/m.saved/machine.json"))
    assert.equal(saved.files.memory.sum, before)

    -- nobody can write to it, not even whoever opens it anew
    local fd = assert(fcntl.open(template(pids[1]), fcntl.O_RDWR))
    assert.is_nil((unistd.write(fd, "x")))
    unistd.close(fd)

    guest("m-1", [[mkdir /tmp/full; mount -t tmpfs -o size=200M none /tmp/full
      dd if=/dev/urandom of=/tmp/full/x bs=1M count=150 2>/dev/null; echo other >/run/nonce
      umount /tmp/full; echo 3 >/proc/sys/vm/drop_caches]])
    assert.equal(before, sum(template(pids[2])))
    assert.equal("nonce-4711\n", guest("m-2", "cat /run/nonce"))

    local path = template(pids[2])
    signal.kill(pids[1], signal.SIGKILL)
    home:lunik("wait", "m-1")
    assert.equal(before, sum(path))
    assert.equal("nonce-4711\n", guest("m-2", "cat /run/nonce"))
    home:does("fork", "m.saved", "--memory", "private")
    assert.equal("nonce-4711\n", guest("m-1", "cat /run/nonce"))
  end)

  it("have no mounts, and are told from those that have a copy", function()
    local function refused(expected, ...)
      local status, _, why = home:lunik(...)
      assert.equal(1, status)
      assert.truthy(why:find(expected, 1, true), why)
    end
    refused("no private memory: the daemon of a mount writes to the guest's own", "fork",
            "m.saved", "--memory", "private", "--mount", ".")
    home:does("fork", "m.saved", "--memory", "private")
    refused("the clone stands in memory that others have, too: lunik fork --memory copied",
            "mount", "m-1", ".")
    -- something may be mounted where there is room for it, so each has its own if nobody says
    home:does("fork", "m.saved")
    assert.has_error(function() template(qemu "m-2") end)
    home:does("mount", "m-2", ".")
  end)
end)

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
    home = clones.new([[cpu = { "max", rdrand = false, rdseed = false },
      agent {}, nic {}, hotplug { ports = 2 }]], { reseed = true, script = [[
        echo 0123456789abcdef0123456789abcdef >/etc/machine-id
        cat /sys/class/net/eth0/address >/run/address
        printf '%s\n' '#!/bin/sh' 'read -r card </sys/class/net/eth0/address' \
          'echo "$1 $card $ip" >>/run/leases' 'exec /etc/dhcp "$@"' >/run/dhcp
        chmod 700 /run/dhcp
        # whoever gets the name "dies" has no agent any more once it looks into /etc/hosts
        rm -f /etc/hosts; mkfifo /etc/hosts
        (while exec 9>/etc/hosts; do
          [ "$(hostname)" != dies ] || { kill -9 $(pidof qemu-ga); sleep 9999; }
          exec 9>&-
        done) >/dev/null 2>&1 &
        udhcpc -b -i eth0 -s /run/dhcp >/dev/null 2>&1]] })
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

  local ASK = [[hostname; cat /etc/machine-id /sys/class/net/eth0/address
    cat /proc/sys/kernel/random/uuid; head -c 16 /dev/urandom | md5sum]]

  -- Holds what clones say of themselves against what others have said.
  local function differ(seen, ...)
    for _, name in ipairs { ... } do
      local text, count = guest(name, ASK), 0
      assert.truthy(text:find("^" .. name:gsub("%-", "%%-") .. "\n%x+\n52:54:00:"), text)
      for line in text:gmatch "[^\n]+" do
        assert.falsy(seen[line], text)
        seen[line], count = true, count + 1
      end
      assert.equal(5, count, text)
    end
  end

  it("are other machines than what was saved, and than each other", function()
    home:does("fork", "m.saved", "-n", "3", "--memory", "private")
    local seen = { m = true, ["0123456789abcdef0123456789abcdef"] = true }
    seen[guest("m-1", "cat /run/address"):match "%S+"] = true
    differ(seen, "m-1", "m-2", "m-3")
    -- each asks for a lease anew, as the card that it is now
    for i = 1, 3 do
      guest("m-" .. i, [[read -r card </sys/class/net/eth0/address
        for try in $(seq 300); do
          grep -q "^bound $card 10[.]" /run/leases && exit
          sleep 0.2
        done
        cat /run/leases
        exit 1]])
    end
  end)

  it("are other machines, however many there are #long", function()
    local seen = {}
    for i = 0, 3 do
      home:does("fork", "m.saved", "-n", "8", "--memory", i % 2 == 0 and "private" or "copied",
                "--as", ("m%d-{n}"):format(i))
      local names = {}
      for k = 1, 8 do names[k] = ("m%d-%d"):format(i, k) end
      differ(seen, table.unpack(names))
      home:does("down", "--force", table.unpack(names))
    end
  end)

  it("are none where the guest does not answer until it is another machine", function()
    local status, out, why = home:lunik("fork", "m.saved", "--as", "dies", "--memory", "private")
    assert.same({ 3, "" }, { status, out })
    assert.matches("\nlunik fork: nothing is its own: the guest's agent has closed its port", why)
    assert.same({}, home:runtime())
  end)

  it("are refused where nobody could be kept from writing to it", function()
    for _, held in ipairs(home:json("templates", "--json").held) do
      signal.kill(held.pid, signal.SIGKILL)
    end
    local shim = home.dir .. "/no_seals.so"
    assert(os.execute(("cc -shared -fPIC -o '%s' spec/support/no_seals.c"):format(shim)))
    table.insert(home.env, ("LD_PRELOAD=%s %s"):format(os.getenv "LD_PRELOAD" or "", shim))
    local status, out, why = home:lunik("fork", "m.saved", "--memory", "private")
    assert.same({ 1, "" }, { status, out })
    assert.truthy(why:find("lunik fork: seal memory: Invalid argument: --memory copied has no need "
                           .. "of it\n", 1, true), why)
    home:does("fork", "m.saved", "--memory", "copied")
    table.remove(home.env)
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

-- Large files into a real guest by a mount that comes for each: what arrives is what was sent, the
-- guest sees nothing else, and whatever comes in between, the mount goes again. The cases share one
-- boot, in this order.
local client = require "lunik.supervisor.client"
local core = require "lunik.core"
local fcntl = require "posix.fcntl"
local house = require "support.house"
local loop = require "lunik.async.loop"
local run = require "support.run"
local scratch = require "support.scratch"
local signal = require "posix.signal"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local SEED = 1913
local MIB = 1 << 20
local SIZE = 33 * MIB + 4097           -- a little over what goes by such a mount
local PATIENCE = 120

local ITEMS = [[agent {}, nic {}, ssh { key = guest .. "/id_ed25519" }, console {},
  hotplug { ports = 2 },
  on("ready", function(vm)
    vm:tell("note", "by hook: " .. vm:copy_in { from = "large", to = "/run/hook" }.road)
  end),]]

-- Bytes of which no two pieces are the same.
local function bytes(size, seed)
  local list = {}
  for i = 1, (size + 4095) // 4096 do
    list[i] = ("%016x"):format((i * 2654435761 + seed) & 0xffffffffffff):rep(256)
  end
  return table.concat(list):sub(1, size)
end

describe("a large file", function()
  local home, large, sum

  local function shell(script, ...)
    return (home:does("exec", "dev", "sh", "-c", script, "sh", ...))
  end

  local function sum_of(path)
    return run.output({ argv = { "md5sum", path }, path = true }):match "^%x+"
  end

  local function sum_there(path) return shell("md5sum <$1", path):match "^%x+" end

  local function attach(l)
    return assert(client.open("dev", home.dir .. "/run/lunik/dev/control.sock", l))
  end

  -- Runs fn(machine, loop) with an attached machine of its own.
  local function with(fn)
    local l <close> = loop.new()
    return l:run(function()
      local machine <close> = attach(l)
      return fn(machine, l)
    end)
  end

  -- Waits until all ports are free.
  local function freed()
    with(function(machine, l)
      local changed = l:condition()
      machine:on("DEVICE_DELETED", function() changed:fire() end)
      machine:on("LUNIK_PROGRESS", function() changed:fire() end)
      local ends = loop.now() + PATIENCE
      while true do
        local left = {}
        for _, slot in ipairs(machine.handle:slots()) do
          if slot.port and slot.state ~= "free" then left[#left + 1] = slot.label or slot.id end
        end
        if not left[1] then return end
        assert(loop.now() < ends, table.concat(left, " "))
        changed:wait(1)
      end
    end)
  end

  -- Nothing of a copy is in the guest any more, nor on the host.
  local function nothing_left()
    freed()
    assert.equal("", shell [[
      grep lunik-cp /proc/mounts; ls -d /run/lunik-cp-* 2>/dev/null
      find /run -name '.lunik-cp*'
    ]])
    assert.matches('"mounts":%[%]', (home:does("mounts", "--json", "dev")))
  end

  -- Lends a file: what the supervisor says of it | nil, why, code
  local function lend(machine, path)
    local fd = assert(fcntl.open(path, fcntl.O_RDONLY))
    local one, why, code = machine:command("lunik-copy-lend", core.json.object {}, PATIENCE, { fd })
    unistd.close(fd)
    return one, why, code
  end

  local function give_back(machine, one)
    assert(machine:command("lunik-copy-return", { id = one.id }, PATIENCE))
  end

  setup(function()
    home = house.new()
    large = scratch.write(home.dir .. "/large", bytes(SIZE, 1), 420)
    core.folder.touch(large, 1234567890, 0)
    sum = sum_of(large)
    home:does("up", home:small("dev", ITEMS))
    local log = home:start({}, "logs", "-f", "-n", "1000", "dev")
    log:expect "by hook: %w+"
    log:close()
  end)
  teardown(function() home:close() end)

  it("goes by a mount that comes for it, from a hook, too", function()
    assert.matches("by hook: virtiofs", (home:does("logs", "-n", "1000", "dev")))
    assert.equal(sum, sum_there "/run/hook")
    shell "rm /run/hook"
    nothing_left()
    for _, name in ipairs(scratch.list(home.dir .. "/state/lunik/dev")) do
      assert(not name:find "lunik%-cp", name)
    end
  end)

  it("has its bytes, mode and time there, and says by what it went", function()
    scratch.write(home.dir .. "/small", "a file\n")
    stat.chmod(large, 420)
    assert.same({ "", "lunik cp: large: 33M by virtiofs\nlunik cp: small: 7 by stream\n" },
                { home:does("cp", "-v", "large", "small", "dev:/run") })
    assert.equal(sum, sum_there "/run/large")
    assert.equal("644 1234567890 " .. SIZE .. "\n", shell "stat -c '%a %Y %s' /run/large")
    stat.chmod(large, 384)
    assert.equal(([[{"copied":[{"bytes":%d,"from":"large","road":"virtiofs","skipped":[]}],]]
      .. [["lunik":1,"name":"dev"}%s]]):format(SIZE, "\n"),
      (home:does("cp", "--json", "large", "dev:/run/$(odd) 'name'")))
    assert.equal(sum, sum_there "/run/$(odd) 'name'")
    assert.equal("600\n", shell "stat -c %a \"/run/\\$(odd) 'name'\"; rm /run/large /run/*odd*")
    nothing_left()
  end)

  it("keeps its holes", function()
    local path = home.dir .. "/sparse"
    local fd = fcntl.open(path, fcntl.O_WRONLY | fcntl.O_CREAT, 384)
    unistd.lseek(fd, 5 * MIB + 4096, unistd.SEEK_SET)
    for at = 1, SIZE, MIB do unistd.write(fd, bytes(MIB, at)) end
    unistd.lseek(fd, 45 * MIB + 12288, unistd.SEEK_SET)
    unistd.write(fd, "end of data")
    unistd.ftruncate(fd, 50 * MIB + 1)
    unistd.close(fd)
    assert.matches("by virtiofs\n$", select(2, home:does("cp", "-v", "sparse", "dev:/run")))
    local size, blocks = shell "stat -c '%s %b' /run/sparse":match "(%d+) (%d+)"
    assert.same(50 * MIB + 1, tonumber(size))
    assert(tonumber(blocks) * 512 < 36 * MIB, blocks)
    assert.equal(sum_of(path), sum_there "/run/sparse")
    shell "rm /run/sparse"
    unistd.unlink(path)
  end)

  it("is all that the guest sees, and it cannot be written to", function()
    with(function(machine)
      local one = assert(lend(machine, large))
      assert.equal(sum, sum_there(one.at))
      local folder = one.at:match "^(.*)/"
      assert.equal("700\n" .. "file\n", shell([[stat -c %a $1; ls -A $1]], folder))
      assert.equal("", shell([[
        for at in "$1/file" "$1/new"; do echo x >"$at"; echo x >>"$at"; done
        rm -f "$1/file"; mv "$1/file" "$1/other"; mkdir "$1/d"; chmod 777 "$1/file" "$1"
        ln "$1/file" "$1/link"; touch "$1/file"; mknod "$1/null" c 1 3
        mount -o remount,rw "$1"
        for at in "$1/file" "$1/new"; do echo x >"$at"; echo x >>"$at"; done
        rm -f "$1/file"; mv "$1/file" "$1/other"; mkdir "$1/d"; chmod 777 "$1/file" "$1"
        ln "$1/file" "$1/link"; touch "$1/file"; mknod "$1/null" c 1 3
      ]] .. ":", folder):gsub("%s", ""))
      assert.equal("file\n", shell([[ls -A $1]], folder))
      assert.equal("lunik-cp-1\n", shell([[cd $1/..; ls -d lunik-cp-*]], folder))
      assert.equal(sum, sum_there(one.at))
      give_back(machine, one)
    end)
    assert.equal(sum, sum_of(large))
    assert.equal("600 1234567890", run.output({ argv = { "stat", "-c", "%a %Y", large },
                                                path = true }):match "^[^\n]*")
    nothing_left()
  end)

  it("is taken from a guest that holds it open", function()
    with(function(machine)
      local one = assert(lend(machine, large))
      shell([[exec 9<"$1"; cd "${1%/*}"; (while :; do sleep 1000; done) </dev/null >/dev/null 2>&1 &
        echo $! >/run/holder]], one.at)
      give_back(machine, one)
    end)
    nothing_left()
    shell "kill -9 $(cat /run/holder); rm /run/holder"
  end)

  it("goes again with a client that leaves", function()
    with(function(machine) assert(lend(machine, large)) end)
    nothing_left()
  end)

  it("is only lent where its name leads to it still, and goes by a stream otherwise", function()
    local path = scratch.write(home.dir .. "/moved", bytes(SIZE, 2))
    local fd = assert(fcntl.open(path, fcntl.O_RDONLY))
    scratch.write(home.dir .. "/secret", "a secret\n")
    assert(os.rename(path, home.dir .. "/was"))
    assert(os.rename(home.dir .. "/secret", path))
    with(function(machine)
      -- what the descriptor is called has followed the file; another lies there by the time of use
      local one, why = machine:command("lunik-copy-lend", core.json.object {}, PATIENCE, { fd })
      assert(one, why)
      assert.equal(sum_of(home.dir .. "/was"), sum_there(one.at))
      give_back(machine, one)
      unistd.unlink(home.dir .. "/was")
      assert.is_nil((machine:command("lunik-copy-lend", core.json.object {}, PATIENCE, { fd })))
    end)
    unistd.close(fd)
    unistd.unlink(path)
    nothing_left()
  end)

  it("cannot be what is no file, or nothing", function()
    with(function(machine)
      assert.same({ nil, "no descriptor came with the command", "invalid" },
                  { machine:command("lunik-copy-lend", core.json.object {}, PATIENCE) })
      assert.same({ nil, "the descriptor is no file's", "invalid" }, { lend(machine, home.dir) })
      assert.same({ nil, "nothing of that id is lent", "missing" },
                  { machine:command("lunik-copy-return", { id = "fs-x" }, PATIENCE) })
    end)
  end)

  it("is whole or not there, whenever it is interrupted", function()
    local old = ("old"):rep(1000)
    scratch.write(home.dir .. "/old", old)
    local is_one = { [sum] = "new", [sum_of(home.dir .. "/old")] = "old" }
    math.randomseed(SEED)
    local seen = {}
    for round = 1, 3 do
      home:does("cp", "old", "dev:/run/f")
      local limit = round == 3 and math.huge or math.random(0, SIZE - 1)
      with(function(machine)
        machine.handle:copy_in { from = large, to = "/run/f", progress = function(count)
          if count > limit then error({ why = "enough" }, 0) end
        end }
      end)
      nothing_left()
      local which = assert(is_one[sum_there "/run/f"])
      assert.equal(round == 3 and "new" or "old", which)
      seen[which] = true
    end
    assert.same({ old = true, new = true }, seen)
    shell "rm /run/f"
  end)

  it("leaves nothing where who copies it is killed, or Ctrl-C is pressed", function()
    scratch.write(home.dir .. "/larger", bytes(120 * MIB, 3))
    for _, how in ipairs { "kill", "interrupt" } do
      local one = home:start({ terminal = true }, "cp", "larger", "dev:/run/larger")
      one:expect "larger: [%d.]+M of 120M"
      if how == "kill" then
        one.proc:signal_group(signal.SIGKILL)
        one:close()
      else
        one:send "\3"
        one:expect "interrupted; what is not whole is taken away"
        assert.same({ "exited", 130 }, { one:wait() })
      end
      freed()
      assert.equal("none\n", shell [[n=0
        while ls -A /run | grep -q lunik-cp && [ $n -lt 3000 ]; do n=$((n+1)); done
        ls -A /run | grep -e larger -e lunik-cp || echo none]])
      nothing_left()
    end
    unistd.unlink(home.dir .. "/larger")
  end)

  it("leaves what was there where the guest's disk is full, and says so", function()
    shell "mkdir /run/full; mount -t tmpfs -o size=9m none /run/full; echo old >/run/full/f"
    assert.same({ 1, "", "lunik cp: dev:/run/full/f: No space left on device\n" },
                { home:lunik("cp", "large", "dev:/run/full/f") })
    assert.equal("f\nold\n", shell "ls -A /run/full; cat /run/full/f; umount /run/full")
    nothing_left()
  end)

  it("goes by a stream where no port is free", function()
    stat.mkdir(home.dir .. "/share", 448)
    for i = 1, 2 do
      home:does("mount", "dev", "share", "--to", "/mnt/" .. i, "--tag", "m" .. i)
    end
    assert.matches("by stream\n$", select(2, home:does("cp", "-v", "large", "dev:/run/large")))
    assert.equal(sum, sum_there "/run/large")
    shell "rm /run/large"
    for i = 1, 2 do home:does("unmount", "dev", "m" .. i) end
  end)

  it("is on its way while several others are", function()
    local jobs = {}
    for i = 1, 3 do
      jobs[i] = home:start({}, "cp", "-v", "large", "dev:/run/at" .. i)
    end
    for i = 1, 3 do
      jobs[i]:expect "by %w+"
      assert.same({ "exited", 0 }, { jobs[i]:wait() })
      assert.equal(sum, sum_there("/run/at" .. i))
    end
    shell "rm /run/at?"
    nothing_left()
  end)

  -- The process of the daemon that shows the guest a file, which is ended.
  local function kill_daemon(number)
    for _, each in ipairs(home:json("status", "--json", "dev").helpers) do
      if each.name == "fs-lunik-cp-" .. number then return signal.kill(each.pid, signal.SIGKILL) end
    end
    error "no such daemon"
  end

  it("keeps its machine from being saved while it is on its way", function()
    with(function(machine)
      local one = assert(lend(machine, large))
      local status, _, err = home:lunik("save", "dev", home.dir .. "/saved")
      assert.equal(1, status)
      assert.matches("lunik%-cp%-1: a file is just being copied into the guest by it", err)
      give_back(machine, one)
    end)
    nothing_left()
  end)

  it("is taken from the guest when its daemon dies, which who copies it hears of", function()
    with(function(machine, l)
      local heard = l:latch()
      local one = assert(lend(machine, large))
      machine:on("LUNIK_COPY_BROKEN", function(_, event) heard:set(event.data.id) end)
      kill_daemon(1)
      assert.equal(one.id, (heard:wait(PATIENCE)))
      give_back(machine, one)
    end)
    nothing_left()
  end)

  -- What a guest has asked of a daemon that is dead keeps it from letting go until it restarts.
  it("goes by a stream when its daemon dies on the way", function()
    local port = home:start({}, "events", "-f", "-e", "VSERPORT_CHANGE", "dev")
    with(function(machine)
      local other, killed = assert(lend(machine, large)), false
      local done = assert(machine.handle:copy_in { from = large, to = "/run/large",
        progress = function()
          if not killed then kill_daemon(2) end
          killed = true
        end })
      assert.equal("stream", done.road)
      assert.equal(SIZE, done.bytes)
      assert.equal(sum, sum_there "/run/large")
      home:does("reset", "dev")
      assert(machine:command("lunik-copy-return", { id = other.id, unseen = true }, PATIENCE))
    end)
    port:expect "true"
    port:close()
    nothing_left()
  end)

  it("is taken back by whoever adopts the machine of a supervisor that was killed", function()
    with(function(machine)
      assert(lend(machine, large))
      signal.kill(home:json("status", "--json", "dev").supervisor.pid, signal.SIGKILL)
      assert.equal("closed", select(3, machine.handle:wait(PATIENCE)))
    end)
    home:does("adopt", "dev")
    nothing_left()
  end)

  it("goes with the machine", function()
    with(function(machine)
      assert(lend(machine, large))
      home:does("down", "--force", "dev")
    end)
    -- its supervisor may take a moment longer
    for _, each in ipairs(home:processes()) do assert(each:find(" supervise ", 1, true), each) end
  end)
end)

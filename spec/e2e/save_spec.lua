-- `lunik save` and `lunik restore` with a real guest: what is put away goes on where it was, and
-- whatever goes wrong leaves a running machine, or a whole saved one.
local after = require "support.faults.after"
local core = require "lunik.core"
local exit = require "lunik.exit"
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local ROUNDS = tonumber(os.getenv "ROUNDS" or 20)

describe("a machine that is saved", function()
  local home
  setup(function() home = house.new() end)
  after_each(function()
    home:clear()
    if stat.lstat(home.dir .. "/m.saved") then scratch.remove(home.dir .. "/m.saved") end
    os.remove(home.dir .. "/own.qcow2")
  end)
  teardown(function() home:close() end)

  local function folder(name)
    stat.mkdir(home.dir .. "/" .. name, 448)
    return home.dir .. "/" .. name
  end

  local function guest(text) return (home:does("exec", "m", "--", "sh", "-c", text)) end

  -- A guest whose memory alone holds a text, and counts ticks: a restart is told from a pause.
  local function begin(items)
    folder "work"
    home:does("up", home:small("m", items))
    guest [[echo nonce-4711 >/run/nonce; echo >/run/ticks
      (while sleep 0.1; do echo >>/run/ticks; done) >/dev/null 2>&1 &]]
  end

  local function is_the_same()
    assert.equal("nonce-4711\n", guest "cat /run/nonce")
    local before = tonumber(guest "wc -l </run/ticks")
    assert.is_true(before > 0)
    guest "sleep 1"
    assert.is_true(tonumber(guest "wc -l </run/ticks") > before)
  end

  local function slots()
    local found = {}
    for _, slot in ipairs(home:json("slots", "--json", "m").slots) do
      if slot.id then found[slot.id] = slot.port or "none" end
    end
    return found
  end

  local function saved(name) return home.dir .. "/" .. name end

  local function make(name, ...)
    assert.same({ "exited", 0 }, { select(2, run.output { path = true, cwd = home.dir,
      argv = { "qemu-img", "create", "-q", "-f", "qcow2", name, ... } }) })
  end

  -- The files of each disk that was saved, by its id, those of this place by their names.
  local function images()
    local found = {}
    for _, disk in ipairs(home:json("show", "--json", "m.saved").disks) do
      local names = {}
      for i, layer in ipairs(disk.layers) do
        names[i] = layer.inside and "" or layer.file:match(("^%s/(.*)$"):format(home.dir))
      end
      found[disk.id] = names
    end
    return found
  end

  local PLACES = "ls /sys/bus/pci/devices; nproc; grep MemTotal /proc/meminfo"
  local HOT = { "two", "extra", "mem-p1" }

  -- A machine with one of each that can come.
  local function begin_with_all()
    folder "two"
    -- a counter of QEMU's own: that of the processor is measured while the guest boots, and runs
    -- fast or slow for good where the host was busy then
    begin(([[append = %q, agent {}, hotplug { ports = 8, memory = "2G", cpus = 4 },
      disk { file = "own.qcow2", create = true, size = "64M" },
      mount { from = "work", to = "/work" }]]):format(house.append .. " clocksource=acpi_pm"))
    home:does("mount", "m", "two")
    home:does("plug", "m", "memory", "size=128M")
    home:does("plug", "m", "cpu")
    os.execute("qemu-img create -q -f qcow2 " .. saved "extra.qcow2" .. " 64M")
    home:does("plug", "m", "disk", "file=" .. saved "extra.qcow2")
  end

  local function mounts_work(text)
    guest(("echo %s >/work/new; echo %s >/mnt/two/new"):format(text, text))
    for _, name in ipairs { "work", "two" } do
      assert.equal(text .. "\n", scratch.read(("%s/%s/new"):format(home.dir, name)))
      scratch.write(("%s/%s/back"):format(home.dir, name), text)
    end
    assert.equal(text .. text, guest "cat /work/back /mnt/two/back")
  end

  -- Saves and restores it: what it has is where and what it was, and its clock is right.
  local function put_away_and_back(text)
    local sums = guest [[for disk in /dev/vd[ab]; do
      dd if=/dev/urandom of=$disk bs=1M count=2 oflag=direct 2>/dev/null; md5sum $disk; done]]
    local before, pci = slots(), guest(PLACES)
    local _, said = home:does("save", "m", "m.saved")
    assert.equal(("m: saved in %s\n"):format(saved "m.saved"), said)
    assert.equal(448, stat.stat(saved "m.saved").st_mode & 511)
    assert.same({}, home:runtime())
    home:does("restore", "m.saved")
    is_the_same()
    assert.same(before, slots())
    assert.equal(pci, guest(PLACES))
    assert.equal(sums, guest "echo 3 >/proc/sys/vm/drop_caches; md5sum /dev/vd[ab]")
    -- it is set by a program, which takes as long to start as this one
    local from, now, to = os.time(), tonumber(guest "date +%s"), os.time()
    assert.is_true(from - 1 - 2 * (to - from) <= now and now <= to + 1,
                   ("%d of %d to %d"):format(now, from, to))
    mounts_work(text)
    scratch.remove(saved "m.saved")
  end

  local function hot_cpu()
    local list = home:json("qmp", "m", "--json", "query-hotpluggable-cpus")["return"]
    for _, one in ipairs(list) do
      if (one["qom-path"] or ""):find "/cpu%-p1$" then return one.type end
    end
  end

  it("goes on with every device at its place, mounts and disks included", function()
    begin_with_all()
    put_away_and_back "once"
    -- the model that its own CPU has become, whatever that was asked for as
    assert.equal("base-x86_64-cpu", hot_cpu())
    for _, name in ipairs { "two", "work", "extra", "mem-p1" } do home:does("unplug", "m", name) end
    assert.same({ agent = "none", own = "none", ["cpu-p1"] = "none" }, slots())
    home:does("down", "--force", "m")
  end)

  it("does so twenty times #long", function()
    begin_with_all()
    for round = 1, ROUNDS do
      put_away_and_back("round-" .. round)
      if round % 5 == 0 then
        for _, name in ipairs(HOT) do home:does("unplug", "m", name) end
        home:does("mount", "m", "two")
        home:does("plug", "m", "disk", "file=" .. saved "extra.qcow2")
        home:does("plug", "m", "memory", "size=128M", "id=mem-p1")
      end
    end
    home:does("down", "--force", "m")
  end)

  it("moves its disks on once, and holds what was saved for --again until then", function()
    make("base.qcow2", "64M")
    make("own.qcow2", "-F", "qcow2", "-b", "base.qcow2")
    local base = scratch.read(saved "base.qcow2")
    begin [[agent {}, disk { file = "own.qcow2" }]]
    local function write(text)
      guest(("echo %s | dd of=/dev/vda bs=512 conv=sync oflag=direct 2>/dev/null"):format(text))
    end
    local function read()
      return guest "dd if=/dev/vda bs=512 count=1 iflag=direct 2>/dev/null | head -n 1"
    end
    write "before"
    home:does("save", "--sums", "m", "m.saved")

    -- nobody else writes to the disk meanwhile
    for _, verb in ipairs { "check", "up" } do
      local status, _, why = home:lunik(verb, "m.lua")
      assert.is_true(status ~= 0)
      assert.truthy(why:find("'own.qcow2' belongs to the machine saved in " .. saved "m.saved", 1,
                             true), why)
    end

    assert.equal("", (select(2, home:does("check", "--verify", "m.saved"))))
    home:does("restore", "--again", "--verify", "m.saved")
    assert.equal("before\n", read())
    write "thrown-away"
    home:does("down", "--force", "m")
    home:does("restore", "--again", "m.saved")
    assert.equal("before\n", read())
    home:does("down", "--force", "m")

    home:does("restore", "m.saved")
    assert.equal("before\n", read())
    write "after"
    local nodes = home:does("qmp", "m", "query-named-block-nodes", [[{"flat":true}]])
    assert.falsy(nodes:find("own-top", 1, true))
    home:does("down", "--force", "m")

    local function refused(expected, ...)
      local status, _, why = home:lunik("restore", "m.saved", ...)
      assert.is_true(status ~= 0)
      assert.truthy(why:find(expected, 1, true), why)
    end
    refused "was restored already"
    refused("own.qcow2 was written to since", "--again")
    home:does("up", "m.lua")
    assert.equal("after\n", read())
    home:does("down", "--force", "m")
    assert.is_true(base == scratch.read(saved "base.qcow2"))
    os.remove(saved "base.qcow2")
  end)

  it("takes less room where its memory is compressed, and is refused where damaged", function()
    begin [[memory = { size = "256M", kept = true }, agent {}]]
    home:does("save", "m", "m.saved", "--compress")
    local info = stat.stat(saved "m.saved" .. "/memory")
    assert.is_true(info.st_size < 64 << 20, info.st_size)
    home:does("check", "--verify", "m.saved")
    home:does("restore", "--again", "m.saved")
    is_the_same()
    home:does("down", "--force", "m")
    home:does("fork", "m.saved", "--memory", "private", "--as", "m")
    assert.equal("nonce-4711\n", guest "cat /run/nonce")
    home:does("down", "--force", "m")
    local packed <close> = assert(io.open(saved "m.saved" .. "/memory", "r+b"))
    packed:seek("set", info.st_size // 2)
    packed:write(("\xff"):rep(64))
    packed:flush()
    local status, _, errors = home:lunik("restore", "m.saved")
    assert.equal(exit.start, status)
    assert.matches("memory: zstd: exited 1", errors)
  end)

  it("is not compressed where its memory does not lie apart", function()
    begin [[agent {}]]
    local status, _, errors = home:lunik("save", "m", "--compress")
    assert.equal(exit.problems, status)
    assert.matches("its memory goes into one stream with its state, which is not compr", errors)
    is_the_same()
  end)

  it("holds the file system that was saved, whatever a restore --again has written", function()
    local own = saved "own.img"
    assert(os.execute(("truncate -s 64M '%s' && mkfs.ext4 -q -F '%s'"):format(own, own)))
    begin [[agent {}, disk { file = "own.img", format = "raw" }]]
    guest [[modprobe ext4; mkdir /tmp/at && mount -t ext4 /dev/vda /tmp/at && cd /tmp/at
      for i in $(seq 100); do mkdir d$i; done; sync]]
    home:does("save", "m", "m.saved")
    local function entries()
      return guest [[echo 3 >/proc/sys/vm/drop_caches
        ls /tmp/at | sed "s/[0-9+]*$//" | sort | uniq -c]]
    end
    for _ = 1, 2 do
      home:does("restore", "--again", "m.saved")
      assert.matches("^ *100 d\n *1 lost.found\n$", entries())
      guest "cd /tmp/at; for i in $(seq 300); do mkdir e$i; done; rmdir d1; sync"
      local qemu <close> = core.proc.open(home:json("status", "m", "--json").qemu.pid)
      qemu:signal(9)
      after.gone(home)
    end
    home:does("restore", "m.saved")
    assert.matches("^ *100 d\n *1 lost.found\n$", entries())
    guest "umount /tmp/at"
    home:does("down", "--force", "m")
    assert(os.execute(("e2fsck -f -n '%s' >/dev/null 2>&1"):format(own)))
    os.remove(own)
  end)

  it("is put away by its name alone, and listed so, as often as one likes", function()
    begin [[agent {}]]
    for _ = 1, 2 do
      home:does("down", "--save", "m")
      local listed = home:json("ls", "--json").machines[1]
      assert.same({ "m", "down", home.dir .. "/state/lunik/m/saved" },
                  { listed.name, listed.state, listed.saved })
      assert.truthy(home:does("ls"):find("\nm +saved "))
      local _, kept = home:does("rm", "m")
      assert.truthy(kept:find("saved machine " .. home.dir .. "/state/lunik/m/saved", 1, true),
                    kept)
      home:does("restore", home.dir .. "/state/lunik/m/saved")
      is_the_same()
    end
    local said = home:json("save", "--json", "m", "m.saved")
    assert.same({ file = saved "m.saved", lunik = 1, name = "m" }, said)
    local last = (home:does("restore", "--json", "m.saved")):match "([^\n]*)\n$"
    assert.same({ "m", "up" }, { core.json.decode(last).machine, core.json.decode(last).kind })
    home:does("down", "--force", "m")
    local _, gone = home:does("rm", "--all", "m")
    assert.truthy(gone:find("removing saved machine", 1, true), gone)
    assert.falsy(stat.lstat(home.dir .. "/state/lunik/m"))
  end)

  it("goes on by its recipe as it was applied, with what came so at its place", function()
    folder "two"
    begin [[agent {}, hotplug { ports = 6, memory = "2G", cpus = 4 },
      mount { from = "work", to = "/work" }]]
    os.execute("qemu-img create -q -f qcow2 " .. saved "extra.qcow2" .. " 64M")
    local recipe = home.dir .. "/m.lua"
    local text = scratch.read(recipe)
    local applied = text:gsub('cpus = 2', 'cpus = 3'):gsub('"512M"', '"640M"')
      :gsub('mount { from = "work", to = "/work" }', [[disk { file = "extra.qcow2" },
        mount { from = "two", to = "/two" }]])
    scratch.write(recipe, applied)
    home:does("apply", "m")
    local sum = guest [[dd if=/dev/urandom of=/dev/vda bs=1M count=2 oflag=direct 2>/dev/null
      md5sum /dev/vda]]
    local before, seen = slots(), guest "nproc; grep MemTotal /proc/meminfo"
    home:does("save", "m", "m.saved")
    scratch.write(recipe, text)
    local status, _, why = home:lunik("restore", "m.saved")
    assert.same({ 1 }, { status })
    assert.truthy(why:find("disk extra was there when it was saved, and is not in the recipe", 1,
                           true), why)
    scratch.write(recipe, applied)
    home:does("restore", "m.saved")
    is_the_same()
    assert.same(before, slots())
    assert.equal(seen, guest "nproc; grep MemTotal /proc/meminfo")
    assert.equal(sum, guest "echo 3 >/proc/sys/vm/drop_caches; md5sum /dev/vda; ls /two >&2")
    assert.truthy(select(2, home:does("apply", "m")):find "it is what its recipe says")
    home:does("down", "--force", "m")
  end)

  it("with a guest that is late keeps its disks apart, says so, and goes on when it answers",
     function()
    begin [[agent {}, console {}, disk { file = "own.qcow2", create = true, size = "64M" }]]
    local logs = home:start({}, "logs", "-f", "m")
    -- an agent that is stopped for a while, in the guest's own time
    home:start({}, "exec", "m", "--", "sh", "-c", [[setsid sh -c 'kill -STOP $(pidof qemu-ga)
      echo is-stopped >/dev/ttyS0; sleep 30; kill -CONT $(pidof qemu-ga)' &]])
    logs:expect("is%-stopped", 120)
    home:does("save", "m", "m.saved")
    local recipe = home.dir .. "/m.lua"
    scratch.write(recipe, (scratch.read(recipe):gsub("agent {}", "agent {}, ready_within = 1")))
    local status, _, why = home:lunik("restore", "m.saved")
    assert.equal(exit.deadline, status)
    assert.truthy(why:find("its disks are what was saved: what it writes is kept apart", 1, true),
                  why)
    local function nodes() return home:does("qmp", "m", "query-named-block-nodes") end
    assert.truthy(nodes():find("own-top", 1, true))
    home:start({}, "logs", "-f", "m"):expect("restored after", 120)
    assert.falsy(nodes():find("own-top", 1, true))
    assert.equal("running", home:json("status", "--json", "m").state)
    assert.is_true(home:json("status", "--json", "m").ready)
    is_the_same()
    home:does("down", "--force", "m")
    status, _, why = home:lunik("restore", "m.saved")
    assert.equal(1, status)
    assert.truthy(why:find "was restored already", why)
  end)

  it("is refused, and runs on with its mounts, where somebody uses one", function()
    begin [[agent {}, hotplug { ports = 4 }, mount { from = "work", to = "/work" }]]
    guest "(cd /work; exec sleep 1000) >/dev/null 2>&1 &"
    local status, _, why = home:lunik("save", "m", "m.saved")
    assert.equal(1, status)
    assert.truthy(why:find "^lunik save: work: in the guest sleep %(pid %d+%) has /work open\n",
                  why)
    assert.falsy(stat.lstat(saved "m.saved"))
    assert.equal("mounted", home:json("mounts", "--json", "m").mounts[1].state)
    is_the_same()
    home:does("save", "--force", "m", "m.saved")
    home:does("restore", "m.saved")
    is_the_same()
    home:does("down", "--force", "m")
  end)

  it("runs on where there is no room for it", function()
    begin [[agent {}, hotplug { ports = 4 }, mount { from = "work", to = "/work" }]]
    scratch.write(saved "taken", "x")
    for path, reason in pairs { [saved "taken"] = "is there already",
                                [saved "no/m"] = "no such folder" } do
      local status, _, why = home:lunik("save", "m", path)
      assert.equal(1, status)
      assert.truthy(why:find(reason, 1, true), why)
    end
    assert.equal("mounted", home:json("mounts", "--json", "m").mounts[1].state)
    is_the_same()
    home:does("down", "--force", "m")
  end)

  it("is not restored where anything of it is not what it was", function()
    make("base.qcow2", "64M")
    make("middle.qcow2", "-F", "qcow2", "-b", "base.qcow2")
    make("top.qcow2", "-F", "qcow2", "-b", "middle.qcow2")
    begin [[agent {}, hotplug { ports = 4 }, disk { file = "top.qcow2" },
      disk { file = "own.qcow2", create = true, size = "64M" },
      disk { file = "middle.qcow2", id = "over", overlay = true }]]
    home:does("save", "m", "m.saved")
    assert.same({ over = { "", "middle.qcow2", "base.qcow2" }, own = { "own.qcow2" },
                  top = { "top.qcow2", "middle.qcow2", "base.qcow2" } }, images())
    local function refused(expected)
      local status, _, why = home:lunik("restore", "m.saved")
      assert.is_true(status ~= 0)
      assert.truthy(why:find(expected, 1, true), why)
      assert.same({}, home:runtime())
      return status, nil, why
    end
    -- the same before QEMU has been started for it
    local function not_started(expected)
      local _, _, why = refused(expected)
      assert.falsy(why:find("started (pid", 1, true), why)
    end
    -- flips a byte of a file of it, and flips it back
    local function damaged(name, at, expected)
      local file <close> = assert(io.open(saved "m.saved/" .. name, "r+b"))
      file:seek("set", at)
      local byte = file:read(1):byte()
      for _, each in ipairs { byte ~ 1, byte } do
        file:seek("set", at)
        file:write(string.char(each))
        file:flush()
        if each ~= byte then refused(expected) end
      end
    end
    damaged("state", 2000, "state: is damaged (its sum is another)")
    damaged("memory", 16 << 20, "memory: is damaged (its sum is another)")
    damaged("machine.json", 20, "machine.json: is damaged (its sum is another)")
    local recipe = home.dir .. "/m.lua"
    local text = scratch.read(recipe)
    for _, case in ipairs {
      { '"512M"', '"500M"', "was 512M when it was saved, and is 500M now" },
      { "cpus = 2", "cpus = 3", "cpus: was 2 when it was saved, and is 3 now" },
      { "cpus = 2", 'cpus = 2, cpu = "qemu64"', "and is qemu64 now" },
      { "agent {}", "agent {}, nic {}",
        "nic net0 is in the recipe now (" .. recipe .. ":4), and was not there when" },
      { "agent {},", "", "agent was there when it was saved, and is not in the recipe any more" },
    } do
      local at, stop = text:find(case[1], 1, true)
      scratch.write(recipe, text:sub(1, at - 1) .. case[2] .. text:sub(stop + 1))
      not_started(case[3])
    end
    scratch.write(recipe, text)
    os.rename(recipe, home.dir .. "/moved.lua")
    refused "m.lua: is not there; --recipe FILE says where it is now"
    home:does("restore", "--again", "m.saved", "--recipe", "moved.lua")
    is_the_same()
    assert.equal(home.dir .. "/moved.lua", home:json("status", "--json", "m").recipe)
    home:does("down", "--force", "m")

    -- and none of its disks
    os.rename(home.dir .. "/moved.lua", recipe)
    local disk = saved "own.qcow2"
    assert(os.execute(("cp -p '%s' '%s.new' && mv '%s.new' '%s'"):format(disk, disk, disk, disk)))
    not_started "own.qcow2 was replaced by another file of the same size"
    assert(os.execute(("head -c 65536 /dev/zero >>'%s'"):format(disk)))
    not_started "own.qcow2 has grown since"
    os.remove(disk)
    not_started "own.qcow2 is missing"
    os.remove(saved "base.qcow2")
    for _, name in ipairs { "top", "over" } do
      not_started(("disk %s: %s is missing"):format(name, saved "base.qcow2"))
    end
    for _, name in ipairs { "top", "middle" } do os.remove(saved(name .. ".qcow2")) end
  end)
end)

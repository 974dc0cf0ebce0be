-- Devices that come and go while a real guest runs, seen from inside; and recipes that act by
-- themselves. The specs of a machine share its boot, and follow each other.
local after = require "support.faults.after"
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local time = require "posix.time"

local home
setup(function() home = house.new() end)
teardown(function() home:close() end)

local function guest(name, script)
  return (home:does("exec", name, "--", "sh", "-c", script))
end

-- A guest takes a moment to see what has come or gone.
local function becomes(expected, name, script)
  local text
  for _ = 1, 600 do
    text = guest(name, script)
    if text == expected then return end
    time.nanosleep { tv_sec = 0, tv_nsec = 100 * 1000 * 1000 }
  end
  assert.equal(expected, text)
end

local function refused(why, ...)
  local status, _, errors = home:lunik(...)
  assert.same({ 1, ("lunik %s: %s\n"):format((...), why) }, { status, errors })
end

local function free(name)
  local count = 0
  for _, port in ipairs(home:json("slots", name, "--json").slots) do
    count = count + (port.state == "free" and 1 or 0)
  end
  return count
end

local function image(name, bytes)
  return scratch.write(home.dir .. "/" .. name, ("\0"):rep(bytes))
end

describe("a machine with room to grow", function()
  setup(function()
    home:does("up", home:small("dev", [[agent {}, nic {},
      hotplug { ports = 4, memory = "2G", cpus = 4, scsi = true, usb = true } ]]))
  end)
  teardown(function() home:lunik("down", "--force", "dev") end)

  for bus, name in pairs { virtio = "vda", scsi = "sda", nvme = "nvme0n1" } do
    it(("takes a %s disk, and lets go of it"):format(bus), function()
      local path = image(bus .. "-disk.raw", 1 << 20)
      assert.equal(bus .. "-disk\n", home:does("plug", "dev", "disk", "file=" .. path,
                                               "bus=" .. bus, "serial=S-" .. bus))
      becomes(name .. "\n", "dev", "ls /sys/block | grep -v loop || true")
      guest("dev", ("echo written > /dev/%s; sync"):format(name))
      home:does("unplug", "dev", bus .. "-disk")
      becomes("", "dev", "ls /sys/block | grep -v loop || true")
      assert.equal("written\n", scratch.read(path):sub(1, 8))
      assert.equal(4, free "dev")
    end)
  end

  -- What a guest does with a disk, by bus: how it begins, how it ends, and what is said of it. The
  -- disk has a partition, of which all is zero.
  local PART = ("\0"):rep(446) .. ("<BBBBBBBBI4I4"):pack(0, 0, 2, 0, 0x83, 0, 0, 0, 64, 4096)
               .. ("\0"):rep(48) .. "\x55\xaa" .. ("\0"):rep(3 << 20)
  local USES = {
    { "virtio", "vda", "mke2fs /dev/vda1 && mkdir -p /tmp/at && mount /dev/vda1 /tmp/at",
      "umount /tmp/at", "/dev/vda1 is mounted at /tmp/at" },
    { "scsi", "sda", "mkswap /dev/sda1 && swapon /dev/sda1", "swapoff /dev/sda1",
      "/dev/sda1 is swap" },
    { "nvme", "nvme0n1", "mke2fs /dev/nvme0n1p1 && mount /dev/nvme0n1p1 /tmp/at",
      "umount /tmp/at", "/dev/nvme0n1p1 is mounted at /tmp/at" },
    { "virtio", "vda", "modprobe loop; losetup /dev/loop0 /dev/vda1 && mke2fs /dev/loop0"
      .. " && mount /dev/loop0 /tmp/at", "umount /tmp/at; losetup -d /dev/loop0",
      "/dev/vda1 is part of loop0" },
    { "virtio", "vda", "sleep 600 </dev/vda1 >/dev/null 2>&1 & echo $! >/tmp/pid",
      "kill $(cat /tmp/pid)", "sleep %(pid %d+%) has /dev/vda1 open" },
  }

  for i, use in ipairs(USES) do
    local bus, disk, begin, finish, said = table.unpack(use)
    it(("does not take a disk that the guest uses: %s, %d"):format(bus, i), function()
      local path = scratch.write(home.dir .. "/used.raw", PART)
      home:does("plug", "dev", "disk", "file=" .. path, "bus=" .. bus)
      becomes(disk .. "\n", "dev", "ls /sys/block | grep -v loop || true")
      guest("dev", begin)
      local status, _, errors = home:lunik("unplug", "dev", "used")
      assert.equal(1, status)
      assert.matches("^lunik unplug: used: the guest uses it: " .. said
                     .. "; %-%-force takes it all the same\n$", errors)
      assert.equal("plugged", home:json("status", "dev", "--json").devices[1].state)
      guest("dev", finish)
      home:does("unplug", "dev", "used")
      becomes("", "dev", "ls /sys/block | grep -v loop || true")
    end)
  end

  it("takes a disk that the guest uses where it is to in any case", function()
    local path = scratch.write(home.dir .. "/used.raw", PART)
    home:does("plug", "dev", "disk", "file=" .. path)
    becomes("vda\n", "dev", "ls /sys/block | grep -v loop || true")
    guest("dev", "mke2fs /dev/vda1 && mount /dev/vda1 /tmp/at")
    home:does("unplug", "dev", "--force", "used")
    becomes("", "dev", "ls /sys/block | grep -v loop || true")
    guest("dev", "umount /tmp/at || true")
  end)

  it("throws the writes of a disk away with its overlay", function()
    local path = image("base.raw", 1 << 20)
    local before = scratch.list(home.dir .. "/state")
    home:does("plug", "dev", "disk", "file=" .. path, "overlay=true")
    becomes("vda\n", "dev", "ls /sys/block | grep -v loop || true")
    guest("dev", "echo written > /dev/vda; sync")
    home:does("unplug", "dev", "base")
    assert.equal("\0\0\0\0", scratch.read(path):sub(1, 4))
    assert.same(before, scratch.list(home.dir .. "/state"))
  end)

  it("takes a network card, and lets go of it", function()
    becomes("2\n", "dev", "ls /sys/class/net | wc -l")
    assert.equal("extra\n", home:does("plug", "dev", "nic", "id=extra", "forward=web=80,18089:22"))
    local forwards = home:does("forward", "dev")
    assert.matches("^forward 18089: tcp 127.0.0.1:18089 to port 22 of the guest\n"
                   .. "forward web: tcp 127.0.0.1:%d+ to port 80 of the guest\n$", forwards)
    becomes("3\n", "dev", "ls /sys/class/net | wc -l")
    becomes("2\n", "dev", "ip -4 addr | grep -c 10.0.2.15")
    home:does("unplug", "dev", "extra")
    becomes("2\n", "dev", "ls /sys/class/net | wc -l")
  end)

  it("takes CPUs, as many as it has room for", function()
    assert.equal("2\n", guest("dev", "nproc"))
    -- Linux from 6.9 on takes none where it does not know its hypervisor (TCG), and we say so
    local major, minor = guest("dev", "uname -r"):match "(%d+)%.(%d+)"
    local finds = tonumber(major) * 100 + tonumber(minor) < 609
    for i, id in ipairs { "third", "fourth" } do
      local _, errors = home:does("plug", "dev", "cpu", "id=" .. id)
      assert.equal(finds, errors == "")
      assert.equal(("%d\n"):format(finds and 2 + i or 2), guest("dev", "nproc"))
    end
    refused("cpu: all 4 CPUs that the machine has room for are there: hotplug { cpus = 5 } makes "
            .. "room for more", "plug", "dev", "cpu")
  end)

  it("refuses to let a CPU go where QEMU cannot", function()
    local status, _, errors = home:lunik("unplug", "dev", "--timeout", "3s", "third")
    local version = home:json("qmp", "dev", "--json", "query-version")["return"].qemu
    if version.major < 10 then
      assert.same({ 1, ("lunik unplug: third: unplugging a CPU under TCG corrupts QEMU %d.%d\n")
                       :format(version.major, version.minor) }, { status, errors })
      assert.equal("4\n", guest("dev", "nproc"))
    end
    assert.equal("running", home:json("status", "dev", "--json").state)
  end)

  local TOTAL = "sed -n 's/MemTotal: *\\([0-9]*\\)[0-9][0-9][0-9] kB/\\1/p' /proc/meminfo"

  it("takes a memory module, and lets go of it", function()
    local before = tonumber(guest("dev", TOTAL))
    home:does("plug", "dev", "memory", "size=256M", "id=module")
    becomes(("%d\n"):format(before + 262), "dev", TOTAL)
    home:does("unplug", "dev", "module")
    becomes(("%d\n"):format(before), "dev", TOTAL)
  end)

  it("takes memory by steps, and gives some back", function()
    local before = tonumber(guest("dev", TOTAL))
    home:does("plug", "dev", "memory", "kind=virtio-mem", "size=512M", "requested=256M", "id=more")
    becomes(("%d\n"):format(before + 262), "dev", TOTAL)
    local function want(size)
      home:does("qmp", "dev", "qom-set", core.json.encode { path = "/machine/peripheral/more",
        property = "requested-size", value = size })
    end
    want(128 << 20)
    becomes(("%d\n"):format(before + 131), "dev", TOTAL)
    assert.equal(3, free "dev")
  end)

  it("takes whatever QEMU knows", function()
    assert.equal("rng\n", home:does("plug", "dev", "device", "driver=virtio-rng-pci", "id=rng",
                                    "max-bytes=1024", "period=1000"))
    becomes("virtio_rng.0\n", "dev", "cat /sys/class/misc/hw_random/rng_available 2>/dev/null"
            .. " | tr ' ' '\\n' | grep virtio || true")
    home:does("plug", "dev", "chardev", "backend=null", "id=nowhere")
    home:does("plug", "dev", "device", "driver=virtserialport", "chardev=nowhere",
              "name=org.spec.0", "id=port")
    becomes("org.spec.0\n", "dev", "cat /sys/class/virtio-ports/*/name | grep spec || true")
    refused("chardev-remove: Chardev 'nowhere' is busy", "unplug", "dev", "nowhere")
    for _, id in ipairs { "port", "nowhere", "rng" } do home:does("unplug", "dev", id) end
  end)

  it("says what it cannot take", function()
    refused("disk.file: no such file '/nope.raw'", "plug", "dev", "disk", "file=/nope.raw")
    refused("serial: cannot come while the machine runs", "plug", "dev", "serial")
    refused("device.driver: no device 'virtio-rgn-pci'; did you mean 'virtio-rng-pci'?",
            "plug", "dev", "device", "driver=virtio-rgn-pci")
    refused("memory.size: a multiple of 128M expected, got 100M", "plug", "dev", "memory",
            "size=100M")
    refused('memory: 10G more than 1G is beyond the 2G that the machine may grow to: '
            .. 'hotplug { memory = "11G" } makes room for it', "plug", "dev", "memory", "size=10G")
    refused("usb.device: no such field; 'device' is a field of usb host: kind = \"host\"",
            "plug", "dev", "usb", "device=046d:c52b")
    local status, _, errors = home:lunik("plug", "dev", "disk", "file")
    assert.same({ 2, "lunik plug: FIELD=VALUE expected, got 'file'\n" }, { status, errors })
  end)
end)

describe("a guest with USB", function()
  setup(function()
    home:does("up", home:recipe("usb", ([[
      local guest = %q
      return machine { name = "usb", accel = "tcg", memory = "512M", ready_within = 240,
        kernel = guest .. "/generic/vmlinux", initrd = guest .. "/generic/initramfs.img",
        append = %q, agent {}, hotplug { ports = 1, usb = true } }]]):format(house.guest,
                                                                           house.append)))
  end)
  teardown(function() home:lunik("down", "--force", "usb") end)

  local PRODUCTS = "cat /sys/bus/usb/devices/*/product | grep QEMU || true"

  it("takes a USB device, and lets go of it", function()
    assert.equal("tablet\n", home:does("plug", "usb", "usb", "id=tablet"))
    becomes("QEMU USB Tablet\n", "usb", PRODUCTS)
    home:does("unplug", "usb", "tablet")
    becomes("", "usb", PRODUCTS)
  end)

  it("takes a USB disk", function()
    home:does("plug", "usb", "disk", "file=" .. image("stick.raw", 1 << 20), "bus=usb")
    becomes("sda\n", "usb", "ls /sys/block | grep sd || true")
    home:does("unplug", "usb", "stick")
    becomes("", "usb", "ls /sys/block | grep sd || true")
  end)
end)

describe("a recipe that acts by itself", function()
  local src, bus
  local function mounts()
    local list = {}
    for _, one in ipairs(home:json("mounts", "auto", "--json").mounts) do
      list[#list + 1] = ("%s %s%s"):format(one.to, one.state, one.readonly and " ro" or "")
    end
    table.sort(list)
    return list
  end

  local function come_to(expected)
    for _ = 1, 600 do
      if table.concat(mounts(), "\n") == table.concat(expected, "\n") then break end
      time.nanosleep { tv_sec = 0, tv_nsec = 100 * 1000 * 1000 }
    end
    assert.same(expected, mounts())
  end

  setup(function()
    src, bus = home.dir .. "/src", home.dir .. "/bus"
    for _, path in ipairs { src, src .. "/one", src .. "/.hidden", bus, bus .. "/001" } do
      stat.mkdir(path, 448)
    end
    scratch.write(src .. "/file", "no project")
    home:does("up", home:recipe("auto", ([[
      local projects = require "lunik.ext.projects"
      local grow, usb_devices = require "lunik.ext.grow", require "lunik.ext.usb_devices"
      local guest, rounds = %q, 0
      return machine { name = "auto", accel = "tcg", memory = "384M",
        kernel = guest .. "/vmlinux", initrd = guest .. "/initramfs.img", append = %q, agent {},
        hotplug { ports = 8, memory = "1G", usb = true,
          mount = function(vm, m)
            if m.real:find "secret" then return nil, "no secrets" end
            m.readonly = m.real:find "locked" ~= nil
            return m
          end },
        projects { from = "src", to = "/src" },
        grow { every = "0.5s", step = "128M", short = 45, plenty = 80 },
        usb_devices { root = "bus", "046d:c52b" },
        every(0.2, function() rounds = rounds + 1 end),
        on("helper-died", function(vm) print("rounds " .. (rounds > 0 and "many" or "few")) end),
      }]]):format(house.guest, house.append)))
  end)
  teardown(function() home:lunik("down", "--force", "auto") end)

  it("mounts what is there, and whatever appears", function()
    come_to { "/src/one mounted" }
    stat.mkdir(src .. "/two", 448)
    stat.mkdir(src .. "/locked", 448)
    come_to { "/src/locked mounted ro", "/src/one mounted", "/src/two mounted" }
    scratch.write(src .. "/two/f", "hello")
    assert.equal("hello", guest("auto", "cat /src/two/f"))
  end)

  it("unmounts what disappears", function()
    assert(os.rename(src .. "/one", home.dir .. "/elsewhere"))
    come_to { "/src/locked mounted ro", "/src/two mounted" }
  end)

  it("refuses what its policy refuses, with the reason, to everybody", function()
    stat.mkdir(src .. "/secret", 448)
    refused(("refused by the policy at %s/auto.lua:6: no secrets"):format(home.dir),
            "mount", "auto", src .. "/secret")
    assert.matches("problem: projects: %S+/secret: refused by the policy at %S+: no secrets",
                   (home:does("logs", "auto", "--source", "supervisor")))
    come_to { "/src/locked mounted ro", "/src/two mounted" }
  end)

  it("grows with the guest's pressure, and shrinks again", function()
    local total = "sed -n 's/MemTotal: *//p' /proc/meminfo"
    local function size() return tonumber(guest("auto", total):match "%d+") end
    local before = size()
    guest("auto", "dd if=/dev/zero of=/dev/shm/big bs=1M count=130 2>/dev/null")
    for _ = 1, 600 do
      if size() > before + 100000 then break end
      time.nanosleep { tv_sec = 0, tv_nsec = 100 * 1000 * 1000 }
    end
    assert.is_true(size() > before + 100000, "it has not grown")
    guest("auto", "rm /dev/shm/big")
    for _ = 1, 600 do
      if size() < before + 50000 then break end
      time.nanosleep { tv_sec = 0, tv_nsec = 100 * 1000 * 1000 }
    end
    assert.is_true(size() < before + 50000, "it has not shrunk")
  end)

  it("plugs a USB device when it appears, and no other", function()
    local function node(name, vendor, product)
      return scratch.write(bus .. "/001/" .. name,
        string.pack("<BBI2BBBBI2I2I2BBBB", 18, 1, 0x200, 0, 0, 0,
          64, vendor, product, 0x100, 1, 2, 0, 1))
    end
    local function plugged()
      local list = {}
      for _, each in ipairs(core.json.decode((home:does("qmp", "auto", "qom-list",
                            core.json.encode { path = "/machine/peripheral" })))) do
        if each.type:find "usb%-host" then list[#list + 1] = each.name end
      end
      return list
    end
    local function comes_to(count)
      for _ = 1, 600 do
        if #plugged() == count then break end
        time.nanosleep { tv_sec = 0, tv_nsec = 100 * 1000 * 1000 }
      end
      assert.equal(count, #plugged())
    end
    node("001", 0x1d6b, 2)
    local path = node("002", 0x046d, 0xc52b)
    comes_to(1)
    assert(os.remove(path))
    comes_to(0)
  end)

  it("does all that after it was taken over, too", function()
    local supervisor = core.proc.open(home:json("status", "auto", "--json").supervisor.pid)
    supervisor:signal(9)
    supervisor:wait(60)
    supervisor:close()
    home:does("adopt", "auto")
    stat.mkdir(src .. "/late", 448)
    come_to { "/src/late mounted", "/src/locked mounted ro", "/src/two mounted" }
    os.remove(src .. "/two/f")
    assert(os.remove(src .. "/two"))
    come_to { "/src/late mounted", "/src/locked mounted ro" }
    for _, helper in ipairs(home:json("status", "auto", "--json").helpers) do
      if helper.name == "fs-late" then core.proc.open(helper.pid):signal(9) end
    end
    for _ = 1, 600 do
      if home:does("logs", "auto", "--source", "supervisor"):find "rounds many" then break end
      time.nanosleep { tv_sec = 0, tv_nsec = 100 * 1000 * 1000 }
    end
    assert.matches("rounds many", (home:does("logs", "auto", "--source", "supervisor")))
  end)
end)

describe("mounts of a machine", function()
  it("that keeps them are there again at its next start", function()
    local kept, gone = home.dir .. "/kept \xff", home.dir .. "/gone"
    for _, path in ipairs { kept, gone } do
      stat.mkdir(path, 448)
      scratch.write(path .. "/f", "kept")
    end
    local recipe = home:small("keeps", "agent {}, hotplug { ports = 4, keep = true }")
    home:does("up", recipe)
    home:does("mount", "keeps", kept, "--to", "/kept", "--tag", "kept", "--readonly")
    home:does("mount", "keeps", gone, "--to", "/gone", "--tag", "gone")
    home:does("mount", "keeps", gone, "--to", "/other", "--tag", "other")
    home:does("unmount", "keeps", "other")
    home:does("down", "keeps")
    scratch.remove(gone)
    local _, errors = home:does("up", recipe)
    assert.matches("problem: a kept mount: mount.from: no such directory '%S+/gone'", errors)
    assert.equal("kept", guest("keeps", "cat /kept/f"))
    local list = home:json("mounts", "keeps", "--json").mounts
    assert.same({ 1, "kept", true }, { #list, list[1].tag, list[1].readonly })
    home:does("down", "--force", "keeps")
  end)

  it("without an agent say what to type", function()
    home:does("up", home:small("mute", "ready = 'qmp', hotplug { ports = 2 }"))
    local path = home.dir .. "/mute"
    stat.mkdir(path, 448)
    local _, errors = home:does("mount", "mute", path, "--to", "/m u")
    assert.equal("mute: in the guest: mkdir -p '/m u' && mount -t virtiofs m-u '/m u'\n", errors)
    assert.equal("by hand", home:json("mounts", "mute", "--json").mounts[1].state)
    home:does("down", "--force", "mute")
  end)

  it("are taken back from a guest that does not find them, as far as it lets go", function()
    local recipe = home:small("deaf", "agent {}, hotplug { ports = 2 }")
    scratch.write(recipe, (scratch.read(recipe):gsub("panic=%-1", "%0 acpiphp.disable=1")))
    home:does("up", recipe)
    local path = home.dir .. "/deaf-share"
    stat.mkdir(path, 448)
    local status, _, errors = home:lunik("mount", "deaf", path, "--to", "/deaf")
    assert.equal(1, status)
    assert.matches("^lunik mount:\n  deaf: at /deaf in the guest: mount: [^\n]+\n"
      .. "  and taking it back: the guest does not let go of it within %d+ seconds\n$", errors)
    local port = home:json("slots", "deaf", "--json").slots[1]
    assert.same({ "unplugging", "deaf" }, { port.state, port.label })
    assert.equal("running", home:json("status", "deaf", "--json").state)
    home:does("down", "--force", "deaf")
    after.gone(home)
    assert.same({}, home:runtime())
  end)
end)

-- Drives and installers on a real QEMU: what lies in a drive changes while a guest runs, and an
-- installer's disk boots afterwards.
local house = require "support.house"
local installer_iso = require "support.installer_iso"
local scratch = require "support.scratch"

local home
setup(function() home = house.new() end)
teardown(function() home:close() end)

local function medium(name, text)
  return scratch.write(home.dir .. "/" .. name, text .. ("\0"):rep((1 << 20) - #text))
end

local function guest(script) return (home:does("exec", "m", "--", "sh", "-c", script)) end

describe("a machine with drives", function()
  setup(function()
    medium("first.iso", "first")
    home:does("up", home:small("m", [[agent {},
      cdrom { file = "first.iso", bus = "scsi" }, cdrom {}, cdrom { bus = "sata" } ]]))
    -- the bus may still be looked through
    guest "modprobe sr_mod; until [ -b /dev/sr0 ]; do sleep 0.1; done"
  end)
  teardown(function() home:lunik("down", "--force", "m") end)

  it("has what the recipe lays into them", function()
    assert.equal("first", guest "head -c 5 /dev/sr0")
    assert.equal(("cdrom-1: %s/first.iso\ncdrom-2: empty\ncdrom-3: empty\n"):format(home.dir),
                 (home:does("cdrom", "m")))
  end)

  it("is given another medium, by a path from here", function()
    medium("other.iso", "other")
    assert.equal(("cdrom-1: %s/other.iso\ncdrom-2: empty\ncdrom-3: empty\n"):format(home.dir),
                 (home:does("cdrom", "m", "other.iso", "--id", "cdrom-1")))
    assert.equal("other", guest "head -c 5 /dev/sr0")
    assert.same({ lunik = 1, name = "m", cdrom = {
      { id = "cdrom-1", file = home.dir .. "/other.iso", open = false, locked = false },
      { id = "cdrom-2", open = false, locked = false },
      { id = "cdrom-3", open = false, locked = false } } }, home:json("cdrom", "m", "--json"))
  end)

  it("keeps a medium that the guest holds, unless it is forced to let go", function()
    guest [[exec 3</dev/sr0; head -c 1 <&3 >/dev/null
      sleep 60 >/dev/null 2>&1 & echo $! >/tmp/reader]]
    local status, _, why = home:lunik("cdrom", "m", "--eject", "--id", "cdrom-1", "--timeout", "1s")
    assert.same({ 1, "lunik cdrom: the guest holds the tray of cdrom-1: unmount it there, or "
                     .. "force it, and it loses what it reads\n" }, { status, why })
    assert.equal(("cdrom-1: %s/other.iso, held by the guest"):format(home.dir),
                 home:does("cdrom", "m"):match "^[^\n]*")
    assert.equal("cdrom-1: empty, its tray is open",
                 home:does("cdrom", "m", "--eject", "--id", "cdrom-1", "--force"):match "^[^\n]*")
    guest "kill $(cat /tmp/reader)"
  end)

  it("takes a medium into an open tray, and shuts it", function()
    assert.equal(("cdrom-1: %s/first.iso"):format(home.dir),
                 home:does("cdrom", "m", "first.iso", "--id", "cdrom-1"):match "^[^\n]*")
    assert.equal("first", guest "head -c 5 /dev/sr0")
  end)

  it("says what is wrong before anything is taken out", function()
    scratch.write(home.dir .. "/disk.iso", "QFI\xfb" .. ("\0"):rep(512))
    for why, words in pairs {
      ["there are several drives, name one of them: cdrom-1, cdrom-2, cdrom-3"] = { "first.iso" },
      ["no drive 'cdrom-9'; there are: cdrom-1, cdrom-2, cdrom-3"] =
        { "first.iso", "--id", "cdrom-9" },
      [("file: no such file '%s/frist.iso'; did you mean '%s/first.iso'?"):format(home.dir,
        home.dir)] = { "frist.iso", "--id", "cdrom-1" },
      [("file: '%s/disk.iso' looks like qcow2, and is no CD-ROM's image: disk { file = … } "
        .. "takes it"):format(home.dir)] = { "disk.iso", "--id", "cdrom-1" },
    } do
      local status, _, errors = home:lunik("cdrom", "m", table.unpack(words))
      assert.same({ 1, ("lunik cdrom: %s\n"):format(why) }, { status, errors })
    end
    local status, _, errors = home:lunik("cdrom", "m", "first.iso", "--eject")
    assert.same({ 2, "lunik cdrom: a file, or --eject, not both\n" }, { status, errors })
    assert.equal("first", guest "head -c 5 /dev/sr0")
  end)
end)

it("a machine without a drive says how to have one", function()
  home:does("up", home:recipe("bare", 'return machine { name = "bare", accel = "tcg" }'))
  local _, errors = home:does("cdrom", "bare")
  assert.equal("bare: no CD-ROM drive\n", errors)
  local status
  status, _, errors = home:lunik("cdrom", "bare", "--eject")
  assert.same({ 1, "lunik cdrom: the machine was started without a drive: add cdrom {} to its "
                   .. "recipe and restart\n" }, { status, errors })
  home:does("down", "--force", "bare")
end)

describe("disk { install = … }", function()
  local function count(text, what) return select(2, text:gsub(what, "")) end

  -- How often the installer and the disk have run after each of two starts.
  local function boots(name, fields)
    scratch.write(home.dir .. "/installer.iso", installer_iso("it installs", "the disk boots"))
    local path = home:recipe(name, ([[return machine { name = %q, accel = "tcg",
      memory = "64M", ready = "console: the disk boots",
      disk { file = "%s.qcow2", create = true, size = "1G", install = "installer.iso", %s } }]])
      :format(name, name, fields))
    local seen = {}
    for i = 1, 2 do
      home:does("up", path)
      local log = scratch.read(("%s/state/lunik/%s/console.log"):format(home.dir, name))
      seen[i] = { count(log, "it installs"), count(log, "the disk boots") }
      home:does("down", "--force", name)
    end
    return seen
  end

  for name, fields in pairs { plain = "", sata = 'bus = "sata"', scsi = 'bus = "scsi", ssd = true',
    nvme = 'bus = "nvme", cache = "unsafe"',
    tuned = 'cache = "directsync", aio = "native", iothread = true, queues = 2, '
            .. 'detect_zeroes = "unmap"' } do
    it("boots the installer of an empty disk, and the disk afterwards: " .. name, function()
      assert.same({ { 1, 1 }, { 1, 2 } }, boots("on-" .. name, fields))
    end)
  end

  it("does so on IDE, which the board pc has", function()
    local rest = 'bus = "ide" }, cdrom { file = "installer.iso" }, type = "pc", cdrom {'
    assert.same({ { 1, 1 }, { 1, 2 } }, boots("on-ide", rest))
  end)
end)

-- What a guest of Windows gets, on a real QEMU: it takes all of it, and an installer that brings
-- no drivers of ours finds its disk.
local house = require "support.house"
local installer_iso = require "support.installer_iso"
local scratch = require "support.scratch"

describe("a machine for Windows", function()
  local home
  setup(function() home = house.new() end)
  teardown(function() home:close() end)
  after_each(function() home:clear() end)

  local function recipe(items)
    return home:recipe("win", ([[return machine { name = "win", accel = "tcg", memory = "256M",
      %s, nic {} }]]):format(items))
  end

  local function devices()
    local found = {}
    for line in home:does("qmp", "win", "human-monitor-command", '{"command-line":"info qtree"}')
      :gmatch "dev: ([%w-]+), id" do found[line] = true end
    return found
  end

  it("has secure boot, a TPM, and what needs no drivers", function()
    home:does("up", recipe 'windows = true, disk { file = "d.raw", create = true, size = "1M" }')
    local there = devices()
    assert.same({ true, true }, { there["ide-hd"], there.e1000e })
    assert.matches("tpm%-crb", (home:does("qmp", "win", "query-tpm")))
    assert.matches("40%-edk2%-x86_64%-secure%-enrolled", (home:does("plan", "win.lua")))
    assert.matches("smm=on", (home:does("argv", "win.lua")))
    home:does("down", "--force", "win")
  end)

  it("has virtio, and its drivers in a drive, once they are given", function()
    scratch.write(home.dir .. "/virtio-win.iso", ("\0"):rep(1 << 16))
    home:does("up", recipe [[windows = { drivers = "virtio-win.iso" }, firmware = "bios",
      disk { file = "d.raw", create = true, size = "1M" }]])
    local there = devices()
    assert.same({ true, true }, { there["virtio-blk-pci"], there["virtio-net-pci"] })
    assert.equal(("drivers: %s/virtio-win.iso\n"):format(home.dir), (home:does("cdrom", "win")))
    home:does("down", "--force", "win")
  end)

  it("is installed on a disk that its installer knows", function()
    scratch.write(home.dir .. "/installer.iso", installer_iso("it installs", "the disk boots"))
    home:does("up", recipe [[windows = true, firmware = "bios", ready = "console: the disk boots",
      disk { file = "system.qcow2", create = true, size = "1G", install = "installer.iso" }]])
    home:does("down", "--force", "win")
  end)
end)

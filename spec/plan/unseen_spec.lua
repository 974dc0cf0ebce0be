-- What a guest says or draws that nobody will see: told once, and only where that is sure.
local fakehost = require "support.fakehost"
local lunik = require "lunik"
local scratch = require "support.scratch"

local CONSOLE = "what the guest says goes nowhere: it has no console; "
                .. "console {} in the recipe gives it one"
local LOGGED = (CONSOLE:gsub("nowhere", "to QEMU's log"))

describe("a plan", function()
  local dir
  before_each(function() dir = scratch.new() end)
  after_each(function() scratch.remove(dir) end)

  local function told(items)
    scratch.write(dir .. "/vm.lua", ("return machine { %s }"):format(items))
    local plan = assert(lunik.plan("/vm/vm.lua", { dir = "/vm", anyway = true,
      host = fakehost.new({}, { ["/vm"] = dir }) }))
    return assert(plan:data()).told
  end

  it("tells that a console goes nowhere, and which word gives one", function()
    for items, text in pairs {
      ["defaults = false, display = 'none'"] = CONSOLE,
      ["defaults = false, type = 'pc', qemu.serial { 'null' }, qemu.display { 'none' }"] = CONSOLE,
      ["defaults = false, qemu.serial { 'vc' }"] = CONSOLE,
      ["defaults = false, qemu.device { 'virtio-serial-pci' }"] = CONSOLE,
      ["defaults = false, qemu.nographic {}"] = LOGGED,
      ["defaults = false, qemu.serial { 'mon:stdio' }"] = LOGGED,
    } do
      assert.same({ text }, told(items), items)
    end
  end)

  it("tells nothing of one that goes somewhere, or may", function()
    for _, items in ipairs { "", "console { kind = 'virtio' }", "serial { file = 'log' }",
      "defaults = false, qemu.serial { 'file:log' }", "defaults = false, qemu.display { 'gtk' }",
      "defaults = false, qemu.device { 'isa-serial', chardev = 'x' }",
      "defaults = false, qemu.readconfig { 'machine.cfg' }",
      "defaults = false, raw { '-serial', 'pty' }",
      "defaults = false, qemu.serial { 'null' }, qemu.device { 'pci-serial', chardev = 'x' }",
      "defaults = false, qemu.vnc { ':1' }" } do
      assert.same({}, told(items), items)
    end
  end)

  it("tells that a screen shows nothing without a graphics card", function()
    local function said(what)
      return { what .. " shows nothing of the guest: it has no graphics card; "
        .. 'qemu.device { "VGA" } in the recipe gives it one' }
    end
    assert.same(said 'display = "gtk"', told "display = 'gtk'")
    assert.same(said 'display = "gtk"', told "display = 'gtk', qemu.vga { 'none' }")
    assert.same(said "qemu.vnc", told "qemu.vnc { ':1' }")
    assert.same(said "qemu.spice", told "type = 'pc-q35-7.2', qemu.spice { port = 5930 }")
    assert.same(said 'display = "vnc"', told "qemu.display { vnc = ':1' }")
    for _, items in ipairs { "qemu.device { 'VGA' }", "qemu.vga { 'std' }",
      "qemu.device { 'virtio-gpu-pci' }", "qemu.device { 'vfio-pci', host = '01:00.0' }",
      "arch = 'arm', accel = 'tcg', type = 'vexpress-a9'" } do
      assert.same({}, told("display = 'gtk', " .. items), items)
    end
  end)

  it("has what it tells among its notes", function()
    scratch.write(dir .. "/vm.lua", "return machine { qemu.vnc { ':1' } }")
    local plan = assert(lunik.plan("/vm/vm.lua", { dir = "/vm", anyway = true,
      host = fakehost.new({}, { ["/vm"] = dir }) }))
    assert.equal(plan.told[1], plan.notes[#plan.notes])
  end)
end)

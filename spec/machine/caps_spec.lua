-- SPDX-License-Identifier: MIT
-- Recipes held against what the installed QEMU knows.
local core = require "lunik.core"
local fakecaps = require "support.fakecaps"
local fakehost = require "support.fakehost"
local lunik = require "lunik"
local property = require "lunik.qemu.property"
local scratch = require "support.scratch"

local folder = "/home/dev/vm"

local known = {
  device = { ["virtio-rng-pci"] = { ["max-bytes"] = "uint64", period = "uint32", addr = "slot" },
    disk = { num_queues = "uint16", ["logical-size"] = "uint32", ["drive"] = "str",
      ["zone.max_open"] = "uint32", vqs = "IOThreadVirtQueueMappingList", ro = "bool" },
    ["virtio-rgn-pci"] = false, ["virtio-net-pcii"] = false },
  object = { ["rng-random"] = { filename = "string" }, ["rng-randon"] = false },
  machine = { q35 = { vmport = "OnOffAuto", ["smp-cache"] = "SmpCachePropertiesWrapper" },
    q36 = false },
  display = { gtk = false, ["spcie-app"] = false, dbus = {} },
  names = { device = { "virtio-net-pci", "virtio-rng-pci" }, object = { "rng-random" },
    machine = { "pc", "q35" }, display = { "dbus", "spice-app" } },
}

local dir

before_each(function() dir = scratch.new() end)
after_each(function() scratch.remove(dir) end)

-- The plan of a recipe as a host sees it whose QEMU answers as `caps` does.
local function plan(text, caps, over)
  scratch.write(dir .. "/vm.lua", text)
  over = over or {}
  over.caps = caps or function() return fakecaps(known) end
  return assert(lunik.plan(folder .. "/vm.lua", { dir = folder, anyway = true,
    host = fakehost.new(over, { [folder] = dir }) }))
end

local function lacks(text)
  return (lunik.text(plan(text).lacks):gsub(folder .. "/", ""))
end

-- What stands behind the last `flag` of the command line.
local function argument(of, flag)
  local argv, found = assert(of:command "paste"), nil
  for i, word in ipairs(argv) do
    if word == flag then found = argv[i + 1] end
  end
  return found
end

describe("a recipe held against its QEMU", function()
  it("has keys as the driver spells them", function()
    local of = plan [[return machine {
      qemu.device { "disk", num_queues = 2, logical_size = 512, ["zone.max_open"] = 1,
        ["logical-size"] = nil } }]]
    assert.equal("disk,logical-size=512,num_queues=2,zone.max_open=1", argument(of, "-device"))
    assert.same({}, of.lacks)
  end)

  it("has them as they are usual where its QEMU does not know the driver", function()
    local of = plan [[return machine { qemu.device { "other", num_queues = 2, max_bytes = 1 } }]]
    assert.equal("other,max-bytes=1,num_queues=2", argument(of, "-device"))
    assert.same({}, of.lacks)
  end)

  it("says what there is not, with the line and the nearest name", function()
    assert.equal([[
vm.lua:2: machine.type: no machine type 'q36'; did you mean 'q35'?
vm.lua:3: nic.model: no device 'virtio-net-pcii'; did you mean 'virtio-net-pci'?
vm.lua:5: qemu.device.max_byte: virtio-rng-pci has no such property; did you mean 'max-bytes'?
vm.lua:6: qemu.device: no device 'virtio-rgn-pci'; did you mean 'virtio-rng-pci'?
vm.lua:7: qemu.object.file_name: rng-random has no such property; did you mean 'filename'?
vm.lua:8: qemu.object: no object type 'rng-randon'; did you mean 'rng-random'?
vm.lua:9: qemu.global: perid: virtio-rng-pci has no such property; did you mean 'period'?
vm.lua:10: qemu.global: mac: disk has no such property
vm.lua:12: qemu.machine.vm_port: q35 has no such property; did you mean 'vmport'?]], lacks [[
return machine {
  type = "q36",
  nic { model = "virtio-net-pcii" },
  qemu.device { "virtio-rng-pci",
    max_byte = 1, id = "r", bus = "pcie.0" },
  qemu.device { "virtio-rgn-pci" },
  qemu.object { "rng-random", id = "o", file_name = "/dev/urandom" },
  qemu.object { "rng-randon", id = "p" },
  qemu.global { "virtio-rng-pci.perid=3" },
  qemu.global { driver = "disk", property = "mac", value = "x" },
  qemu.machine { "q35", accel = "tcg",
    vm_port = "on", smp_cache = { { cache = "l1d", topology = "core" } } },
}]])
  end)

  it("says which display has no module here", function()
    local text = ": its module is not installed here; there are: dbus, spice-app"
    for recipe, said in pairs {
      ["display = 'gtk'"] = "vm.lua:1: machine.display: no display 'gtk'" .. text,
      ["qemu.display { 'gtk' }"] = "vm.lua:1: qemu.display: no display 'gtk'" .. text,
      ["qemu.display { 'spcie-app' }"] =
        "vm.lua:1: qemu.display: no display 'spcie-app'; did you mean 'spice-app'?",
      ["display = 'dbus'"] = "", ["display = 'none', qemu.display { 'default' }"] = "",
    } do
      assert.equal(said, lacks(("return machine { %s }"):format(recipe)))
    end
  end)

  it("is a problem here, and a plan all the same", function()
    local text = [[return machine { qemu.device { "virtio-rng-pci", max_byte = 1 } }]]
    assert.equal("host", plan(text).lacks[1].about)
    assert.equal("virtio-rng-pci,max-byte=1", argument(plan(text), "-device"))
    local none, problems = lunik.plan(folder .. "/vm.lua", { dir = folder,
      host = fakehost.new({ caps = function() return fakecaps(known) end }, { [folder] = dir }) })
    assert.is_nil(none)
    assert.equal(1, #problems)
  end)

  it("is taken as written, with a note, where nobody can be asked", function()
    local text = [[return machine { qemu.device { "virtio-rgn-pci", max_byte = 1 } }]]
    local of = plan(text, function() return nil, "no answer" end)
    assert.equal("virtio-rgn-pci,max-byte=1", argument(of, "-device"))
    assert.same({}, of.lacks)
    assert.matches("taken as written: no answer\n", table.concat(of.notes, "\n") .. "\n")
    of = plan(text, nil, { program = function() end })
    assert.matches("taken as written: no qemu%-system%-x86_64 here\n",
      table.concat(of.notes, "\n") .. "\n")
  end)

  it("asks for nothing when it names nothing of QEMU's", function()
    local asked = 0
    plan([[return machine { memory = "2G", nic {} }]], function() asked = asked + 1 end)
    assert.equal(0, asked)
  end)

  it("asks its own binary, once, for all that it names", function()
    local calls = {}
    plan([[return machine { arch = "aarch64", accel = "tcg", type = "virt",
      qemu.device { "disk" }, qemu.device { driver = "disk" },
      qemu.object { "rng-random", id = "r" }, qemu.machine { gic_version = "3" } }]], function(...)
      calls[#calls + 1] = { ... }
      return fakecaps { device = { disk = {} }, object = { ["rng-random"] = {} },
        machine = { virt = { ["gic-version"] = "str" } } }
    end)
    assert.same({ { "/usr/bin/qemu-system-aarch64" } }, calls)
  end)

  it("has JSON with values of the driver's types", function()
    local of = plan [[return machine { qemu.device { "disk", num_queues = "0x10", ro = "on",
      logical_size = "4k", drive = 5, vqs = { { iothread = "io" } } } }]]
    assert.same({ driver = "disk", num_queues = 16, ["logical-size"] = 4096, drive = "5",
      ro = true, vqs = { { iothread = "io" } } }, core.json.decode(argument(of, "-device")))
  end)
end)

describe("a value in JSON", function()
  it("is what its property's type asks for", function()
    for _, case in ipairs { { "uint8", "7", 7 }, { "int", "-1", -1 }, { "size", "4G", 4 << 30 },
      { "uint64_t", "18k", 18 << 10 }, { "uint32", 5, 5 }, { "bool", "off", false },
      { "bool", true, true }, { "OnOffAuto", true, "on" }, { "slot", 10, "10" },
      { "str", 10, "10" }, { nil, "10", "10" }, { "uint32", "many", "many" } } do
      assert.equal(case[3], property.value(case[1], case[2]))
    end
  end)
end)

-- SPDX-License-Identifier: MIT
-- What the installed QEMU knows: asked, kept, and held against recipes.
local core = require "lunik.core"
local errno = require "posix.errno"
local facts = require "lunik.host.facts"
local fakehost = require "support.fakehost"
local host = require "lunik.host"
local lunik = require "lunik"
local property = require "lunik.qemu.property"
local run = require "support.run"
local scratch = require "support.scratch"
local stdlib = require "posix.stdlib"
local wait = require "posix.sys.wait"

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
  over.caps = caps or function() return known end
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
      host = fakehost.new({ caps = function() return known end }, { [folder] = dir }) })
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
      return { device = {}, object = {}, machine = {}, display = {}, names = {} }
    end)
    assert.same({ { "/usr/bin/qemu-system-aarch64", { device = { disk = true },
      object = { ["rng-random"] = true }, machine = { virt = true }, display = {} } } }, calls)
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

-- A directory that stands first in PATH, and a cache of its own.
local function isolated()
  local path, cache = os.getenv "PATH", facts.cache
  stdlib.setenv("PATH", dir .. ":" .. path)
  facts.cache = dir .. "/cache"
  return setmetatable({}, { __close = function()
    stdlib.setenv("PATH", path)
    facts.cache = cache
  end })
end

-- A QEMU that is a shell script.
local function script(text)
  return scratch.write(dir .. "/qemu-system-x86_64", "#!/bin/sh\n" .. text, tonumber("755", 8))
end

local real = host.program "qemu-system-x86_64"

-- The real one, which notes in `started` that it was started.
local function noting()
  return script(("echo >> %s/started\nexec %s \"$@\"\n"):format(dir, real))
end

local function started()
  return host.kind(dir .. "/started") and #scratch.read(dir .. "/started") or 0
end

local function wanted(of)
  local out = { device = {}, object = {}, machine = {}, display = {} }
  for kind, names in pairs(of) do
    for _, name in ipairs(names) do out[kind][name] = true end
  end
  return out
end

describe("host.caps", function()
  it("has the properties of drivers, by their aliases too, object types and boards", function()
    local _ <close> = isolated()
    local caps = assert(host.caps(real, wanted { device = { "virtio-blk-pci", "virtio-blk" },
      object = { "rng-random" }, machine = { "q35" } }))
    assert.equal("slot", caps.device["virtio-blk-pci"].addr)
    assert.equal("bool", caps.device["virtio-blk-pci"].multifunction)
    assert.is_string(caps.device["virtio-blk-pci"].physical_block_size)
    assert.same(caps.device["virtio-blk-pci"], caps.device["virtio-blk"])
    assert.is_string(caps.object["rng-random"].filename)
    assert.is_string(caps.machine.q35.vmport)
  end)

  it("says what there is not, and what there is", function()
    local _ <close> = isolated()
    local caps = assert(host.caps(real, wanted { device = { "no-such" }, object = { "no-such" },
      machine = { "no-such" } }))
    assert.is_false(caps.device["no-such"])
    assert.is_false(caps.object["no-such"])
    assert.is_false(caps.machine["no-such"])
    for kind, name in pairs { device = "virtio-rng-pci", object = "rng-random", machine = "q35" } do
      assert.matches(" " .. name:gsub("%-", "%%-") .. " ",
        " " .. table.concat(caps.names[kind], " ") .. " ")
    end
  end)

  it("has the displays whose modules are installed, and says what there is", function()
    local _ <close> = isolated()
    local caps = assert(host.caps(real, wanted { display = { "egl-headless", "no-such" } }))
    assert.same({}, caps.display["egl-headless"])
    assert.is_false(caps.display["no-such"])
    assert.matches(" none .*egl%-headless ", " " .. table.concat(caps.names.display, " ") .. " ")
  end)

  it("survives what ends a QEMU that looks at it", function()
    local _ <close> = isolated()
    local names = wanted { device = { "virtio-gpu-gl-pci", "virtio-rng-pci" },
      object = { "colo-compare", "iothread", "x-remote-object" }, machine = { "microvm", "q35" } }
    noting()
    local caps = assert(host.caps(dir .. "/qemu-system-x86_64", names))
    assert.is_nil(caps.object["colo-compare"])
    -- microvm ends 7.2, and is no trouble for 10.0
    assert.is_true(caps.machine.microvm == nil or caps.machine.microvm.acpi ~= nil)
    assert.is_table(caps.device["virtio-rng-pci"])
    assert.is_table(caps.object.iothread)
    assert.is_table(caps.machine.q35)
    local before, again = started(), host.caps(dir .. "/qemu-system-x86_64", names)
    caps.names, again.names = nil, nil
    assert.same(caps, again)
    -- what is not there now may be installed later: that is asked again
    local absent = caps.device["virtio-gpu-gl-pci"] == false and 1 or 0
    assert.equal(before + absent, started())
  end)

  it("asks a binary once, and another in its place again", function()
    local _ <close> = isolated()
    local path, names = noting(), wanted { device = { "virtio-rng-pci" } }
    local first = assert(host.caps(path, names))
    assert.equal(1, started())
    assert.same(first, host.caps(path, names))
    assert.equal(1, started())
    assert(host.caps(path, wanted { device = { "virtio-rng-pci", "virtio-blk-pci" } }))
    assert.equal(2, started())
    os.remove(path)
    scratch.write(noting(), scratch.read(path) .. "# another\n")
    assert.same(first, host.caps(path, names))
    assert.equal(3, started())
  end)

  it("asks again for what was not there, since modules can be installed", function()
    local _ <close> = isolated()
    local path, names = noting(), wanted { device = { "no-such" } }
    assert(host.caps(path, names))
    assert(host.caps(path, names))
    assert.equal(2, started())
  end)

  it("does not believe a cache that was cut", function()
    local _ <close> = isolated()
    local path, names = noting(), wanted { device = { "virtio-rng-pci" } }
    local first = assert(host.caps(path, names))
    for name in require "posix.dirent".files(host.cache) do
      if name:find "^caps" then
        local file = host.cache .. "/" .. name
        scratch.write(file, scratch.read(file):sub(1, 100))
      end
    end
    assert.same(first, host.caps(path, names))
    assert.equal(2, started())
  end)

  it("takes no name for a path", function()
    local _ <close> = isolated()
    local path = noting()
    local caps = assert(host.caps(path,
      wanted { device = { "../../x", "a b", "", ("x"):rep(300) } }))
    assert.same({}, caps.device)
    assert.equal(0, started())
  end)

  it("does not start what only a recipe names", function()
    local _ <close> = isolated()
    local path = noting()
    local other = dir .. "/mine"
    assert(os.execute(("mkdir %s; mv %s %s"):format(other, path, other)))
    path = other .. "/qemu-system-x86_64"
    local caps, why = host.caps(path, wanted { device = { "virtio-rng-pci" } })
    assert.is_nil(caps)
    assert.equal(("%s is not asked: only the recipe names it; LUNIK_QEMU=%s allows it"):format(
      path, path), why)
    scratch.write(dir .. "/vm.lua", ("return machine { accel = 'tcg', qemu = %q, "
      .. "qemu.device { 'virtio-rgn-pci' } }"):format(path))
    local of = assert(lunik.plan(dir .. "/vm.lua"))
    assert.matches("only the recipe names it", table.concat(of.notes, "\n"))
    assert.equal(0, started())
  end)

  it("asks what its owner allows, wherever it lies", function()
    local _ <close> = isolated()
    local path = noting()
    local other = dir .. "/mine"
    assert(os.execute(("mkdir %s; mv %s %s/anything"):format(other, path, other)))
    path = other .. "/anything"
    stdlib.setenv("LUNIK_QEMU", path)
    local caps = host.caps(path, wanted { device = { "virtio-rng-pci" } })
    stdlib.setenv("LUNIK_QEMU", nil)
    assert.is_truthy(caps.device["virtio-rng-pci"]["max-bytes"])
    assert.is_true(started() > 0)
  end)

  it("does not start what is in PATH and called otherwise", function()
    local _ <close> = isolated()
    local path = noting()
    for _, name in ipairs { "deploy", "qemu-deploy", "qemu-kvm-deploy", "my-qemu-system-x86_64" } do
      assert(os.execute(("cp %s %s/%s"):format(path, dir, name)))
      assert.is_nil((host.caps(dir .. "/" .. name, wanted { device = { "virtio-rng-pci" } })))
    end
    assert.equal(0, started())
    assert.is_table(host.caps(path, wanted { device = { "virtio-rng-pci" } }))
  end)

  it("does not start a program behind a link that is called as QEMU is", function()
    local _ <close> = isolated()
    local other = dir .. "/mine"
    assert(os.execute(("mkdir %s; ln -s /usr/bin/env %s/qemu-system-x86_64"):format(other, other)))
    local caps, why = host.caps(other .. "/qemu-system-x86_64",
      wanted { device = { "virtio-rng-pci" } })
    assert.is_nil(caps)
    assert.matches("is not asked", why)
  end)

  -- what a QEMU does that is none, and what is said of it
  for name, case in pairs {
    ["hangs"] = { "exec sleep 1000\n", ": nothing came in time" },
    ["talks nonsense"] = { "echo hello >&3\nexec sleep 1000\n", ": " },
    ["ends"] = { "exit 0\n", ": .*closed by peer" },
    ["cannot be executed"] = { false, "No such file or directory" },
  } do
    it("gives up on a binary that " .. name, function()
      local _ <close> = isolated()
      local path = script(case[1] or "")
      if not case[1] then scratch.write(path, "#!/missing/interpreter\n") end
      local before = run.descriptors()
      local caps, why = host.caps(path, wanted { device = { "virtio-rng-pci" } })
      assert.is_nil(caps)
      assert.matches(case[2], why)
      assert.equal(before, run.descriptors())
      assert.equal(errno.ECHILD, select(3, wait.wait(-1, wait.WNOHANG)))
    end)
  end
end)

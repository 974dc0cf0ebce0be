-- What a running machine is made of, asked of a real QEMU; and the same CPU, built again from it.
local core = require "lunik.core"
local hardware = require "lunik.saved.hardware"
local host = require "lunik.host"
local lunik = require "lunik"
local processor = require "lunik.saved.processor"
local scratch = require "support.scratch"

-- A QEMU, paused: execute(command, arguments); its end.
local function boot(...)
  local ours, theirs = core.chan.pair()
  local argv = { host.program "qemu-system-x86_64", "-nodefaults", "-S", "-display", "none",
                 "-accel", "tcg", "-chardev", "socket,id=monitor,fd=3",
                 "-mon", "monitor,mode=control", ... }
  local process = assert(core.proc.spawn { argv = argv, fds = { [2] = 2, [3] = theirs:fd() },
                                           pdeathsig = 9 })
  theirs:close()
  local qmp = assert(core.qmp.open(ours))
  finally(function()
    process:signal(9)
    process:wait(10)
    qmp:close()
  end)
  assert(qmp:handshake(60))
  return function(command, arguments) return qmp:exec(command, arguments, 60) end
end

-- What QEMU tells of its first CPU, realized: leaves of CPUID, levels, widths, all.
local function of_cpu(execute)
  local path, out = execute "query-cpus-fast"[1]["qom-path"], {}
  for _, row in ipairs(execute("qom-list", { path = path })) do
    if not row.type:find "^link" and not row.type:find "^child" then
      out[row.name] = core.json.encode {
        (execute("qom-get", { path = path, property = row.name })) }
    end
  end
  return out
end

-- These are about how it was asked for, not what it is.
local ASKED = { "type", "enforce", "migratable", "host-cache-info", "node-id" }

describe("the hardware of a running machine", function()
  for _, asked in ipairs { "max", "max,-rdrand,check=off", "qemu64,+avx2,model-id=My CPU,level=15",
      "base,aes=on,pmu=on,level=13,enforce=on",
      "Nehalem-v1,l3-cache=off,phys-bits=40,hv-relaxed=on" } do
    it("has a CPU by which the same is built again: " .. asked, function()
      local execute = boot("-machine", "q35", "-cpu", asked)
      local found = assert(hardware.ask(execute, { cpu = asked }))
      local before = of_cpu(execute)
      assert.equal("base", found.cpu.model)
      local line = hardware.cpu(found)
      execute = boot("-machine", found.type, "-cpu", line)
      local after = of_cpu(execute)
      for _, name in ipairs(ASKED) do before[name], after[name] = nil, nil end
      before["check"], after["check"] = nil, nil
      assert.same(before, after)
      assert.truthy(before["feature-words"]:find "cpuid%-register")
    end)
  end

  it("is recorded behind aliases, with every device at its place", function()
    local execute = boot("-machine", "q35", "-cpu", "max", "-smp", "2,maxcpus=4",
      "-m", "256M,slots=4,maxmem=1G",
      "-object", "memory-backend-ram,id=m1-backend,size=128M",
      "-device", "pc-dimm,id=m1,memdev=m1-backend",
      "-device", "pcie-root-port,id=boot0,chassis=1,addr=5",
      "-device", "virtio-rng-pci,id=rng,addr=7.1",
      "-device", "max-x86_64-cpu,id=cpu-p1,socket-id=0,core-id=2,thread-id=0")
    local version = execute "query-version".qemu
    local found = assert(hardware.ask(execute, { cpu = "max", type = "q35", arch = "x86_64" }))
    assert.equal(("%d.%d.%d"):format(version.major, version.minor, version.micro), found.qemu)
    assert.truthy(found.type:find "^pc%-q35%-%d+%.%d+$")
    assert.equal(256 << 20, found.memory)
    assert.same({ { id = "m1", backend = "m1-backend", size = 128 << 20, slot = 0,
                    address = 4 << 30 } }, found.modules)
    assert.equal(3, #found.cpus)
    assert.same({ nil, nil, "cpu-p1" }, { found.cpus[1].id, found.cpus[2].id, found.cpus[3].id })
    assert.equal(2, found.cpus[3].place["core-id"])
    local at = {}
    for _, one in ipairs(found.devices) do
      if one.id then at[one.id] = { one.slot, one["function"] } end
    end
    assert.same({ boot0 = { 5, 0 }, rng = { 7, 1 } }, at)
  end)

  it("is known, in all of its CPU, to the QEMU that it was recorded of", function()
    local compare, now = require "lunik.saved.compare", require "lunik.saved.now"
    local dir = scratch.new()
    scratch.write(dir .. "/vm.lua", 'return machine { name = "dev", accel = "tcg" }')
    local machine = assert(lunik.load(dir .. "/vm.lua"))
    scratch.remove(dir)
    local found = assert(hardware.ask(boot("-machine", "q35", "-cpu", "max"), { cpu = "max" }))
    local there = now.of(machine)
    local saved = { hardware = found, recipe = { file = "vm.lua", outline = there.outline } }
    assert.same({}, compare(saved, there))
    found.cpu.properties.teleport = true
    assert.equal(1, #compare(saved, there))
  end)

  it("has what was asked for where QEMU has no such expansion, and says why", function()
    local function execute(command)
      if command == "query-cpus-fast" then return { { ["qom-path"] = "/cpu" } } end
      return nil, "the requested expansion type is not supported"
    end
    assert.same({ asked = "max", model = "max",
                  loose = "the requested expansion type is not supported" },
                processor.ask(execute, "max"))
  end)

  -- QEMU 10 does so of max
  it("is called what it is as it runs, where its expansion says otherwise", function()
    local runs = { family = 6, model = 6, stepping = 3, ["phys-bits"] = 40 }
    local function execute(command, arguments)
      if command == "query-cpus-fast" then return { { ["qom-path"] = "/cpu" } } end
      if command == "qom-get" then return runs[arguments.property] end
      local name = arguments.type == "static" and "base" or arguments.model.name
      return { model = { name = name, props = { aes = true, family = 0, model = 0, stepping = 0,
                                                ["phys-bits"] = 0 } } }
    end
    local found = processor.ask(execute, "max")
    assert.same({ "base", 6, 6, 3 }, { found.model, found.properties.family,
      found.properties.model, found.properties.stepping })
  end)

  it("is asked for its model where nobody has said one", function()
    local execute = boot("-machine", "q35")
    assert.equal("qemu64", hardware.ask(execute, {}).cpu.asked)
  end)

  for asked, what in pairs { ["max,host-cache-info=on"] = "host-cache-info",
      ["EPYC,check=off"] = "caches of its own" } do
    it("has a CPU only as it was asked for where the expansion cannot say it all: " .. asked,
    function()
      local found = hardware.ask(boot("-machine", "q35", "-cpu", asked), { cpu = asked })
      assert.equal(("a CPU with %s can only be had as '%s'"):format(what, asked:match "^%w+"),
                   found.cpu.loose)
      assert.equal(asked, hardware.cpu(found))
    end)
  end

  it("says why it could not be asked", function()
    local found, why = hardware.ask(function() return nil, "the monitor is closed" end, {})
    assert.is_nil(found)
    assert.equal("the monitor is closed", why)
  end)

  it("lists devices behind bridges with the bridge", function()
    assert.same({ { id = "boot0", slot = 1, ["function"] = 0, vendor = 1, device = 2 },
                  { id = "fs", bus = "boot0", slot = 0, ["function"] = 0 } },
      hardware.devices { { devices = { { qdev_id = "boot0", slot = 1, ["function"] = 0,
        id = { vendor = 1, device = 2 }, pci_bridge = { devices = {
          { qdev_id = "fs", slot = 0, ["function"] = 0 } } } } } } })
  end)
end)

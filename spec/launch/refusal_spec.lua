-- What QEMU says when it does not start, brought back to the recipe: by its words alone, and where
-- a real QEMU refuses a real machine.
local cause = require "lunik.vm.cause"
local core = require "lunik.core"
local exit = require "lunik.exit"
local facts = require "lunik.host.facts"
local host = require "lunik.host"
local house = require "support.house"
local refusal = require "lunik.launch.refusal"
local run = require "support.run"
local scratch = require "support.scratch"
local signal = require "lunik.system.signal"
local socket = require "posix.sys.socket"
local unistd = require "posix.unistd"

local function option(name, text, args) return { name = name, text = text, args = args } end

describe("a refusal of QEMU", function()
  local options = {
    option("device", "-device e1000,netdev=net0,mac=xyz",
      { "e1000", netdev = "net0", mac = "xyz" }),
    option("device", "-device e1000,netdev=net0", { "e1000", netdev = "net0" }),
    option("drive", "-drive file=/a/b.img,if=none", { file = "/a/b.img", ["if"] = "none" }),
    option("object", "-object secret,id=key,file=/a/b", { "secret", id = "key", file = "/a/b" }),
    option("m", "-m 900G", { "900G" }), option("cpu", "-cpu foo", { "foo" }),
    option("kernel", "-kernel /vmlinuz", { "/vmlinuz" }),
    option("smp", "-smp 2,maxcpus=1", { "2", maxcpus = "1" }),
    option("chardev", "-chardev socket,id=c,port=1", { "socket", id = "c", port = "1" }),
  }

  local function found(...)
    local one, said, key = refusal.of(options, { ... })
    for i, each in ipairs(options) do
      if each == one then return i, key, said end
    end
    return nil, key, said
  end

  local function at(text)
    local index, key = found(text)
    return index, key
  end

  it("is about the option that is quoted, the longest", function()
    assert.same({ 1, "mac", "Property 'e1000.mac' doesn't take value 'xyz'" }, { found(
      "qemu-system-x86_64: -device e1000,netdev=net0,mac=xyz: Property 'e1000.mac' doesn't take "
      .. "value 'xyz'") })
    assert.same({ 2, nil, "PCI: no slot available" }, { found(
      "qemu-system-x86_64: -device e1000,netdev=net0: PCI: no slot available") })
  end)

  it("is about the option whose path stands in it, rather than its subject", function()
    assert.same({ 4, "file" }, { at "qemu: Unable to read /a/b: Failed to open file" })
    assert.same({ 3, "file" }, { at "qemu: can't open /a/b.img for guest RAM" })
  end)

  it("is about the option that its words are about", function()
    assert.equal(5, (found "qemu: cannot set up guest memory 'pc.ram': Cannot allocate memory"))
    assert.equal(6, (found "qemu: unable to find CPU model 'foo'"))
    assert.equal(7, (found "qemu: invalid kernel header"))
    assert.equal(8, (found "qemu: Invalid SMP CPUs 2. The max CPUs are 1"))
  end)

  it("names the key that its words name, quoted or not, or that could not be had", function()
    for text, key in pairs {
      ["Property 'e1000.mac' is odd"] = "mac", ["Parameter 'netdev' expects x"] = "netdev",
      ["netdev property not set"] = "netdev", ["Property .mac doesn't take value 3"] = "mac",
      ["xyz is no address"] = "mac" } do
      local _, found_key = found("qemu: -device e1000,netdev=net0,mac=xyz: " .. text)
      assert.equal(key, found_key, text)
    end
    assert.same({ 9, "port" }, { at("qemu: -chardev socket,id=c,port=1: Failed to find an "
      .. "available port: Address already in use") })
  end)

  it("is about nothing where nothing of it is known, and passes over warnings", function()
    assert.same({ nil, nil, "strange" }, { found "qemu: strange" })
    local _, _, said = found("qemu: warning: odd", "qemu: strange", "  at a place")
    assert.equal("strange", said)
    -- a name within a longer word is none
    assert.is_nil((found "qemu: xnet0x"))
  end)
end)

describe("the cause of a refusal", function()
  local kvm, memory
  before_each(function() kvm, memory = host.kvm, host.available_memory end)
  after_each(function()
    rawset(host, "kvm", kvm)
    rawset(host, "available_memory", memory)
  end)

  it("is why KVM does not work, where it does not", function()
    rawset(host, "kvm", function() return nil, "/dev/kvm: Permission denied" end)
    local text = "Could not access KVM kernel module: Permission denied\n"
      .. "qemu: failed to initialize kvm: Permission denied"
    assert.equal("KVM cannot be used here: /dev/kvm: Permission denied; accel = \"tcg\" does "
      .. "without it", cause.of({}, text))
    rawset(host, "kvm", function() return true end)
    assert.is_nil(cause.of({}, text))
  end)

  it("is how much memory there is", function()
    rawset(host, "available_memory", 512 << 20)
    local text = "qemu: cannot set up guest memory 'pc.ram': Cannot allocate memory"
    assert.equal("the guest is to have 8192 MiB, and this host has 512 MiB free",
      cause.of({ memory = 8 << 30 }, text))
  end)

  it("is whose a file is that may not be opened", function()
    local dir <close> = setmetatable({ path = scratch.new() },
      { __close = function(self) scratch.remove(self.path) end })
    local path = scratch.write(dir.path .. "/a.img", "", tonumber("400", 8))
    assert.equal(("%s belongs to user %d, mode 0400; QEMU runs as user %d"):format(path, host.uid,
      host.uid), cause.of({}, ("qemu: x: Could not open '%s': Permission denied"):format(path)))
    assert.is_nil(cause.of({}, "qemu: Could not open '/nowhere/x': Permission denied"))
  end)
end)

describe("a machine that QEMU refuses to start", function()
  local home
  before_each(function()
    home = house.new()
    run.output { argv = { "qemu-img", "create", "-q", "-f", "qcow2", home.dir .. "/a.qcow2", "1M" },
      path = true }
  end)
  after_each(function() home:close() end)

  -- What `up` and `run` say of items, both the same: the line of the recipe, and QEMU's last.
  local function refused(items)
    local path = home:recipe("vm", ("return machine { name = 'vm', accel = 'tcg', memory = '64M',\n"
      .. "%s }"):format(items))
    local said
    for _, verb in ipairs { "up", "run" } do
      local status, _, errors = home:lunik(verb, path)
      assert.equal(exit.start, status)
      local first, second = errors:match("lunik " .. verb .. ":\n  ([^\n]*)\n  ([^\n]*)")
      assert(first, errors)
      assert.matches("^qemu: exited with status 1: ", second)
      first = first:gsub("^" .. home.dir:gsub("%W", "%%%0") .. "/", "")
      assert.equal(said or first, first)
      said = first
    end
    return said
  end

  for name, case in pairs {
    ["an option of QEMU's"] = { [[
  qemu.device { "pcie-root-port", id = "a", chassis = 9, slot = 1 },
  qemu.device { "pcie-root-port", id = "b", chassis = 9, slot = 1 },]],
      "vm.lua:3: qemu.device: QEMU: Can't add chassis slot, error -16" },
    ["a key of it, at a line of its own"] = { [[
  qemu.blockdev { "null-co", node_name = "n" },
  qemu.device { "virtio-blk-pci", drive = "n",
    logical_block_size = 3 },]],
      "vm.lua:4: qemu.device.logical_block_size: QEMU: Property .logical_block_size doesn't take "
      .. "value 3 (minimum: 512, maximum: 2097152)" },
    ["raw words"] = { "raw { '-device', 'virtio-blk-pci' },",
      "vm.lua:2: raw: QEMU: drive property not set" },
    ["a field of the machine"] = { "kernel = '/etc/passwd',",
      "vm.lua:2: machine.kernel: QEMU: invalid kernel header" },
    ["a device of a family"] = { "type = 'isapc', nic {},",
      "vm.lua:2: nic.model: QEMU: No 'PCI' bus found for device 'virtio-net-pci'" },
  } do
    it("names the line of " .. name, function() assert.equal(case[2], refused(case[1])) end)
  end

  it("names who has the port that QEMU could not have", function()
    local fd = assert(socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0))
    assert(socket.bind(fd, { family = socket.AF_INET, addr = "127.0.0.1", port = 0 }))
    assert(socket.listen(fd, 1))
    local port = socket.getsockname(fd).port
    local said = refused(([[
  qemu.chardev { "socket", id = "c", host = "127.0.0.1",
    port = %d, server = true, wait = false },]]):format(port))
    assert.equal(("vm.lua:3: qemu.chardev.port: port %d of 127.0.0.1 is taken: lua5.4 has it "
      .. "(pid %d)"):format(port, unistd.getpid()), said)
    said = refused(("nic { forward = {\n  web = { host = %d, guest = 80 } } },"):format(port))
    assert.equal(("vm.lua:2: nic.forward: forward web: port %d of 127.0.0.1 is taken: lua5.4 has "
      .. "it (pid %d)"):format(port, unistd.getpid()), said)
    unistd.close(fd)
  end)

  it("names who has the image", function()
    local ours, theirs = core.chan.pair()
    local qemu = assert(core.proc.spawn { argv = { facts.program "qemu-system-x86_64", "-name",
      "web", "-accel", "tcg", "-nodefaults", "-S", "-display", "none", "-drive",
      "if=virtio,format=qcow2,file=" .. home.dir .. "/a.qcow2", "-chardev", "socket,id=a,fd=3",
      "-mon", "chardev=a,mode=control" }, fds = { [3] = theirs:fd() }, cwd = "/", env = {},
      pdeathsig = signal.KILL })
    theirs:close()
    local qmp = assert(core.qmp.open(ours))
    assert(qmp:handshake(60))
    local said = refused "disk {\n  file = 'a.qcow2' },"
    assert.equal(("vm.lua:3: disk.file: image %s/a.qcow2 is in use: qemu-system-x86 has it "
      .. "(pid %d)"):format(home.dir, qemu:pid()), said)
    qmp:close()
    qemu:signal(signal.KILL)
    qemu:wait(60)
    qemu:close()
  end)
end)

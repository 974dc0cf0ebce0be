-- SPDX-License-Identifier: MIT
-- `lunik check --start`: the real QEMU tries a machine, and nothing is changed by that.
local core = require "lunik.core"
local facts = require "lunik.host.facts"
local house = require "support.house"
local program = require "support.program"
local run = require "support.run"
local scratch = require "support.scratch"
local signal = require "lunik.system.signal"
local socket = require "posix.sys.socket"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local PATIENCE = 90

local home

before_each(function()
  home = house.new()
  stat.mkdir(home.dir .. "/tmp", tonumber("700", 8))
  home.env[#home.env + 1] = "TMPDIR=" .. home.dir .. "/tmp"
  scratch.write(home.dir .. "/raw.img", ("disk"):rep(1 << 18))
  for _, args in ipairs { { "base.qcow2", "64M" }, { "-b", "base.qcow2", "-F", "qcow2",
    "over.qcow2" } } do
    run.output { argv = { "qemu-img", "create", "-q", "-f", "qcow2", table.unpack(args) },
      path = true, cwd = home.dir, env = home.env }
  end
end)
after_each(function() home:close() end)

-- A recipe of TCG's without a console's noise.
local function recipe(items) return home:recipe("vm",
  ("return machine { name = 'vm', accel = 'tcg', memory = '64M',\n%s }"):format(items)) end

-- Everything in the house: names, bytes, times of change; but for the cache, and a FIFO of ours.
local function state()
  local out = {}
  for _, name in ipairs(scratch.list(home.dir)) do
    if not name:find "^cache" and name ~= "started" then
      local found = stat.lstat(home.dir .. "/" .. name)
      local bytes = stat.S_ISREG(found.st_mode) ~= 0 and scratch.read(home.dir .. "/" .. name)
      out[name] = { bytes, found.st_mtime, found.st_ino, found.st_mode }
    end
  end
  return out
end

-- Tries items, and sees that nothing else comes of it: exit code, stdout, stderr.
local function try(items, ...)
  local path = recipe(items)
  local before = state()
  local status, text, errors = home:lunik("check", "--start", path, ...)
  assert.same(before, state())
  for _, each in ipairs(home:processes()) do assert.matches("-name web", each, 1, true) end
  return status, text, errors
end

-- A QEMU that has an image and writes to it, as long as the result is not closed.
local function running(image)
  local ours, theirs = core.chan.pair()
  local qemu = assert(core.proc.spawn { argv = { facts.program "qemu-system-x86_64", "-name", "web",
    "-accel", "tcg", "-nodefaults", "-S", "-display", "none", "-blockdev",
    "qcow2,node-name=d,file.driver=file,file.filename=" .. image, "-device",
    "virtio-blk-pci,drive=d", "-chardev", "socket,id=a,fd=3", "-mon", "chardev=a,mode=control" },
    fds = { [3] = theirs:fd() }, cwd = "/", env = {}, pdeathsig = signal.KILL })
  theirs:close()
  local qmp = assert(core.qmp.open(ours))
  assert(qmp:handshake(PATIENCE))
  return setmetatable({}, { __close = function()
    qmp:close()
    qemu:signal(signal.KILL)
    qemu:wait(60)
    qemu:close()
  end })
end

describe("a trial of a machine", function()
  it("has stand-ins for what would change or take something, and tells them", function()
    local status, text, errors = try [[
  disk { file = "base.qcow2", overlay = true },
  disk { file = "raw.img", bus = "scsi" },
  disk { file = "new.qcow2", create = true, size = "3T" },
  nic { forward = { web = 80 } },
  qemu.netdev { "socket", id = "s", listen = "127.0.0.1:0" },
  qemu.drive { file = "over.qcow2", format = "qcow2", ["if"] = "none", id = "x" },
  qemu.device { "virtio-blk-pci", drive = "x" },
  qemu.device { "virtio-net-pci", netdev = "s" },
  qemu.pidfile { "vm.pid" }, qemu.D { "vm.log" },
  qemu.chardev { "file", id = "c", path = "c.log" },
  qemu.chardev { "socket", id = "q", path = "q.sock", server = true, wait = false },
  qemu.object { "memory-backend-file", id = "m", size = "1M", mem_path = "m.bin", share = true },
  mount { from = "tmp", to = "/tmp" },
  agent {},]]
    local idle = "[^\n]+: chardev '.' is not used by any device\n"
    assert.same({ "", 2 }, { errors:gsub(idle, "") })
    assert.equal(0, status)
    assert.matches("^%S+/vm.lua: vm is fine: QEMU starts it\n", text)
    local told = {}
    for line in text:gmatch "  in the trial: %S-vm%.lua:([^\n]+)" do told[#told + 1] = line end
    assert.same({
      "1: console: a null backend",
      ("2: disk: a scratch overlay for %s/state/lunik/vm/base.overlay.qcow2, which is not made")
        :format(home.dir),
      "3: disk: a scratch overlay for what is written",
      ("4: disk: a scratch image for %s/new.qcow2, which is not made"):format(home.dir),
      "5: nic: without hostfwd",
      "6: qemu.netdev: a hub with nobody on it, in the place of socket",
      "7: qemu.drive: a scratch overlay for what is written",
      "10: qemu.pidfile: left out", "10: qemu.D: left out",
      "11: qemu.chardev: a null backend", "12: qemu.chardev: a null backend",
      "13: qemu.object: memory without a file",
      "14: mount: a null backend", "14: mount: left out",
      "15: agent: a null backend",
    }, told)
  end)

  it("goes beside a machine that runs, on its own image, and says who has it", function()
    local _ <close> = running(home.dir .. "/base.qcow2")
    local status, _, errors = try [[disk { file = "base.qcow2" },]]
    assert.equal(1, status)
    assert.matches("vm.lua:2: disk.file: '%S*base.qcow2' is in use: machine 'web' has it", errors)
    status = try([[disk { file = "base.qcow2" },]], "--no-host")
    assert.equal(0, status)
    status = try([[disk { file = "over.qcow2", overlay = true },]], "--no-host")
    assert.equal(0, status)
    status = try([[qemu.drive { file = "base.qcow2", format = "qcow2", ["if"] = "virtio" },]],
      "--no-host")
    assert.equal(0, status)
  end)

  it("goes beside whoever has its port", function()
    local fd = assert(socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0))
    assert(socket.bind(fd, { family = socket.AF_INET, addr = "127.0.0.1", port = 0 }))
    assert(socket.listen(fd, 1))
    local port = socket.getsockname(fd).port
    local status, _, errors = try(("nic { forward = { ['%d'] = 80 } },"):format(port))
    assert.equal(1, status)
    assert.matches(("vm.lua:2: nic.forward: port %d of 127.0.0.1 is in use"):format(port), errors)
    assert.equal(0, (try(("nic { forward = { ['%d'] = 80 } },"):format(port), "--no-host")))
    unistd.close(fd)
  end)

  for name, case in pairs {
    ["a value that the device refuses"] = { [[
  disk { file = "raw.img", id = "d" }, qemu.drive { id = "x", ["if"] = "none", file = "base.qcow2",
    format = "qcow2" },
  qemu.device { "virtio-rng-pci",
    period = 0 }, qemu.device { "virtio-blk-pci", drive = "x" },]],
      "vm.lua:5: qemu.device.period: QEMU: 'period' parameter expects a positive integer" },
    ["a family on a board without its bus"] = { "type = 'isapc', nic {},",
      "vm.lua:2: nic.model: QEMU: No 'PCI' bus found for device 'virtio-net-pci'" },
    ["CPUs that do not multiply"] = { "cpus = { sockets = 2 }, qemu.smp { maxcpus = 3 },",
      "vm.lua:2: machine.cpus: QEMU: Invalid CPU topology: product of the hierarchy must match "
      .. "maxcpus: sockets (2) * dies (1) * cores (1) * threads (1) != maxcpus (3)" },
    ["a field of the machine"] = { "cpu = { 'qemu64', family = 9999 },",
      "vm.lua:2: machine.cpu: QEMU: can't apply global qemu64-x86_64-cpu.family=9999: Property "
      .. ".family doesn't take value 9999 (minimum: 0, maximum: 270)" },
  } do
    it("is refused at the line, for " .. name, function()
      local status, _, errors = try(case[1], "--no-host")
      assert.equal(1, status)
      assert.equal("lunik check: " .. home.dir .. "/" .. case[2] .. "\n", errors)
    end)
  end

  it("counts warnings where --strict says so", function()
    local status, text, errors = try(
      [[qemu.drive { file = "raw.img", ["if"] = "none", id = "x" },]], "--strict")
    assert.same({ 1, "" }, { status, text })
    assert.matches("vm.lua:2: qemu.drive.file: the format of %S+ is left to guessing", errors)
  end)

  it("is had of raw words, and of files of options", function()
    scratch.write(home.dir .. "/net.cfg", '[netdev "n0"]\n  type = "user"\n'
      .. '  hostfwd = "tcp:127.0.0.1:2222-:22"\n')
    local status, text, errors = try [[
  raw { '-pidfile', 'x', '-device', 'e1000,netdev=n0' }, qemu.readconfig { 'net.cfg' },
  raw { '-drive', 'file=over.qcow2,format=qcow2' },]]
    assert.same({ 0, "" }, { status, errors })
    for _, each in ipairs { "vm.lua:2: raw: left out", "vm.lua:2: qemu.readconfig: without hostfwd",
      "vm.lua:3: raw: a scratch overlay for what is written" } do
      assert.matches("/" .. each .. "\n", text, 1, true)
    end
    status, text, errors = try "type = 'isapc', display = 'none',\nraw { '-device', 'e1000' },"
    assert.same({ 1, "" }, { status, text })
    assert.matches("vm.lua:3: raw: QEMU: No 'PCI' bus found for device 'e1000'\n", errors, 1, true)
  end)

  it("cannot be had of what nobody has read", function()
    local status, _, errors = try "raw { '-enable-all', 'x' },"
    assert.equal(1, status)
    assert.matches("it cannot be tried, since '-enable-all' is no option that lunik knows", errors,
      1, true)
    status, _, errors = try "qemu.readconfig { 'missing.cfg' },"
    assert.equal(1, status)
    assert.matches("it cannot be tried, since 'missing.cfg' cannot be read", errors)
    scratch.write(home.dir .. "/odd.cfg", "[name]\nguest=web\n")
    status, _, errors = try "qemu.readconfig { 'odd.cfg' },"
    assert.equal(1, status)
    assert.matches("it cannot be tried, since [^\n]*/odd.cfg:2: a value stands in double quotes",
      errors)
  end)

  -- Tries a command line, and sees that nothing else comes of it: exit code, what is printed.
  local function try_line(...)
    local before = state()
    local status, text, errors = home:lunik("check", "--start", "--", "qemu-system-x86_64",
      "-accel", "tcg", "-m", "64M", ...)
    assert.equal("", errors)
    assert.same(before, state())
    assert.same({}, home:processes())
    return status, text
  end

  it("is had of a command line as it stands", function()
    local status, text = try_line("-drive", "file=over.qcow2,format=qcow2", "-pidfile", "vm.pid",
      "-nic", "user,hostfwd=tcp:127.0.0.1:2222-:22", "-icount", "shift=1,rr=record,rrfile=x.rr",
      "-daemonize", "-serial", "file:serial.log")
    assert.equal(0, status)
    assert.matches("^qemu%-system%-x86_64: QEMU %S+ starts it\n", text)
    assert.equal([[

  in the trial: drive: a scratch overlay for what is written
  in the trial: pidfile: left out
  in the trial: nic: without hostfwd
  in the trial: icount: without a recording
  in the trial: daemonize: left out
  in the trial: serial: a null backend
]], (text:gsub("^[^\n]*", "")))
  end)

  it("tells a command line's option at which QEMU stops, once", function()
    local status, text = try_line("-M", "isapc", "-device", "e1000")
    assert.equal(1, status)
    assert.equal("error: device: QEMU: No 'PCI' bus found for device 'e1000' [qemu-refuses]\n"
      .. "qemu-system-x86_64: 1 error, 0 warnings\n", text)
    status, text = try_line("-kernel", "missing")
    assert.equal(1, status)
    assert.equal("error: kernel: no such file 'missing' [file-missing]\n"
      .. "qemu-system-x86_64: 1 error, 0 warnings\n", text)
    status, text = try_line("-drive", "file=raw.img,if=none,id=x,format=raw")
    assert.equal(0, status)
    assert.matches("\nqemu%-system%-x86_64: 0 errors, 1 warning; QEMU starts it\n", text)
  end)

  it("is JSON too", function()
    local status, text = try("qemu.pidfile { 'vm.pid' },", "--json")
    local value = assert(core.json.decode(text))
    assert.equal(0, status)
    assert.is_true(value.ok and value.started)
    assert.same({ field = "qemu.pidfile", has = "left out", line = 2 }, value.stand_ins[2])
    status, text = try("type = 'isapc', nic {},", "--json")
    value = assert(core.json.decode(text))
    assert.equal(1, status)
    assert.is_false(value.ok or value.started)
    assert.same({ "qemu-refuses", "error", 2, "nic.model" }, { value.problems[1].code,
      value.problems[1].severity, value.problems[1].line, value.problems[1].field })
  end)

  it("says so of a QEMU that ends without a word", function()
    local path = scratch.write(home.dir .. "/silent", "#!/bin/sh\nexit 3\n", tonumber("755", 8))
    local status, _, errors = try(("qemu = %q,"):format(path))
    assert.equal(1, status)
    assert.matches("vm.lua:1: QEMU did not start: ", errors)
  end)

  it("leaves nothing behind where it is killed while QEMU starts", function()
    local fifo = home.dir .. "/started"
    assert(stat.mkfifo(fifo, tonumber("600", 8)))
    local path = scratch.write(home.dir .. "/slow",
      ("#!/bin/sh\necho $$ >%s\nread line <&3\n"):format(fifo), tonumber("755", 8))
    local file = recipe(("qemu = %q, disk { file = 'raw.img' },"):format(path))
    local before = state()
    local one = program.start({ house.program, "check", "--start", file },
      { env = home.env, cwd = home.dir })
    local qemu = math.tointeger(tonumber(scratch.read(fifo)))
    local child = assert(core.proc.open(qemu))
    one.proc:signal(signal.KILL)
    assert.is_truthy(child:wait(PATIENCE))
    child:close()
    one:close()
    assert.same(before, state())
    assert.same({}, home:processes())
  end)
end)

-- What a machine could not get and who has it: said in the first line, whoever that is.
local core = require "lunik.core"
local house = require "support.house"
local socket = require "posix.sys.socket"
local time = require "posix.time"
local unistd = require "posix.unistd"

describe("what somebody else has", function()
  local home
  setup(function() home = house.new() end)
  after_each(function() home:clear() end)
  teardown(function() home:close() end)

  local function recipe(name, items)
    return home:recipe(name, ("return machine { name = %q, accel = 'tcg', memory = '64M', %s }")
      :format(name, items or ""))
  end

  local function fails(code, ...)
    local status, _, errors = home:lunik(...)
    assert.equal(code, status)
    return errors
  end

  -- Whether a refused start says so, at the recipe's line and its field.
  local function told(errors, field, said)
    local line, text = errors:match("\nlunik up:\n  [^\n]*/b%.lua:1: ([%w._]+): ([^\n]*\n)")
    assert.same({ field, said }, { line, text }, errors)
  end

  local function image(name)
    assert(os.execute(("qemu-img create -q -f qcow2 '%s/%s' 1M"):format(home.dir, name)))
    return home.dir .. "/" .. name
  end

  local function pid_of(name) return home:json("status", name, "--json").qemu.pid end

  it("is told at the recipe's line by a supervisor that nobody started, too", function()
    local path = recipe("b", "\n  qemu.device { 'virtio-rng-pci', addr = '0x1f' }")
    local errors = fails(3, "supervise", "--recipe", path)
    assert.matches("/b%.lua:2: qemu%.device: QEMU: PCI: slot 31 function 0 not available", errors)
  end)

  it("is a port of a machine's", function()
    home:does("up", recipe("a", "nic { forward = { web = 80 } }"))
    local port = home:json("forward", "a", "--json").forwards[1].port
    local said = ("port %d of 127.0.0.1 is taken: machine 'a' has it (pid %d)\n"):format(port,
      pid_of "a")
    local errors = fails(3, "up", recipe("b",
      ("nic { forward = { b = { guest = 80, host = %d } } }"):format(port)))
    told(errors, "nic.forward", "forward b: " .. said)
    assert.equal("lunik forward: " .. said, fails(1, "forward", "a", "add", port .. ":81"))
    home:does("up", recipe("c", "nic {}, hotplug { ports = 2 }"))
    errors = fails(1, "qmp", "c", "lunik-plug", ('{"family": "nic", "fields": {"forward": {"c": '
      .. '{"guest": 80, "host": %d}}}}'):format(port))
    assert(errors:find("lunik qmp: " .. said:sub(1, -2), 1, true), errors)
  end)

  it("is a port of another program's", function()
    local fd = assert(socket.socket(socket.AF_INET, socket.SOCK_DGRAM, 0))
    assert(socket.bind(fd, { family = socket.AF_INET, addr = "0.0.0.0", port = 0 }))
    local port = socket.getsockname(fd).port
    home:does("up", recipe("a", "nic {}"))
    local errors = fails(1, "forward", "a", "add", "--udp", port .. ":53")
    unistd.close(fd)
    assert.matches(("^lunik forward: port %d of 127.0.0.1 is taken: [%%w._-]+ has it "
      .. "%%(pid %d%%)\n$"):format(port, unistd.getpid()), errors)
  end)

  it("is a port that an option of QEMU's was to listen on", function()
    local fd = assert(socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0))
    assert(socket.bind(fd, { family = socket.AF_INET, addr = "127.0.0.1", port = 0 }))
    assert(socket.listen(fd, 1))
    local port = socket.getsockname(fd).port
    for items, field in pairs { ["gdb = PORT"] = "machine%.gdb",
      ["qemu.vnc { '127.0.0.1:DISPLAY' }"] = "qemu%.vnc[%w._]*",
      ["qemu.serial { 'tcp:127.0.0.1:PORT,server=on,wait=off' }"] = "qemu%.serial[%w._]*",
      ["qemu.chardev { 'socket', id = 'c', host = '127.0.0.1', port = 'PORT', server = true }"]
        = "qemu%.chardev%.port",
      ["qemu.monitor { 'telnet:127.0.0.1:PORT,server=on,wait=off' }"] = "qemu%.monitor[%w._]*" } do
      items = items:gsub("PORT", tostring(port)):gsub("DISPLAY", tostring(port - 5900))
      local errors = fails(3, "up", recipe("b", items))
      assert.matches(("\nlunik up:\n  [^\n]*/b%%.lua:1: %s: port %d of 127.0.0.1 is taken: "
        .. "[%%w._-]+ has it %%(pid %d%%)\n"):format(field, port, unistd.getpid()), errors)
    end
    unistd.close(fd)
  end)

  it("is an image, or what an image lies on", function()
    local path = image "d.qcow2"
    assert(os.execute(("cd '%s' && qemu-img create -q -f qcow2 -b d.qcow2 -F qcow2 o.qcow2")
      :format(home.dir)))
    home:does("up", recipe("a", "disk { file = 'd.qcow2' }, hotplug { ports = 2 }"))
    local said = ("image %s is in use: machine 'a' has it (pid %d)"):format(path, pid_of "a")
    for items, field in pairs { ["disk { file = 'd.qcow2' }"] = "disk.file",
      ["disk { file = 'o.qcow2' }"] = "disk.file",
      ["qemu.drive { file = 'd.qcow2', ['if'] = 'virtio' }"] = "qemu.drive.file" } do
      told(fails(3, "up", recipe("b", items)), field, said .. "\n")
    end
    home:does("up", recipe("c", "hotplug { ports = 2 }"))
    for _, file in ipairs { "d.qcow2", "o.qcow2" } do
      local errors = fails(1, "plug", "c", "disk", "file=" .. file)
      assert(errors:find("lunik plug: " .. said .. "; ", 1, true), errors)
    end
    assert.equal("lunik plug: disk: 'd' is taken by the disk of the machine's start: id = NAME "
      .. "gives this one another\n", fails(1, "plug", "a", "disk", "file=d.qcow2"))
  end)

  it("is an image of a QEMU that is nobody's machine", function()
    local path = image "f.qcow2"
    local qemu = assert(core.proc.spawn { argv = { "qemu-system-x86_64", "-nodefaults", "-display",
      "none", "-S", "-machine", "none", "-qmp", "unix:" .. home.dir .. "/q,server=on,wait=off",
      "-blockdev", "driver=qcow2,node-name=f,file.driver=file,file.filename=" .. path },
      path = true, env = home.env })
    local chan
    while not chan do
      time.nanosleep { tv_sec = 0, tv_nsec = 10 * 1000 * 1000 }
      chan = core.chan.connect(home.dir .. "/q", 1)
    end
    local qmp = assert(core.qmp.open(chan))
    assert(qmp:handshake(10))
    local errors = fails(3, "up", recipe("b", "disk { file = 'f.qcow2' }"))
    qemu:signal(9)
    qemu:wait(60)
    qmp:close()
    told(errors, "disk.file", ("image %s is in use: qemu-system-x86 has it (pid %d)\n")
      :format(path, qemu:pid()))
  end)

  it("is the machine itself, and the recipe that it runs", function()
    local path = recipe "a"
    home:does("up", path)
    local other = home:recipe("b", "return machine { name = 'a', accel = 'tcg', memory = '64M' }")
    for _, verb in ipairs { "up", "run" } do
      assert.matches(("machine 'a' is already running, from %s (pid "):format(path)
        :gsub("[%-%.%(]", "%%%0"), fails(3, verb, other))
    end
  end)
end)

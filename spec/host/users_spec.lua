-- SPDX-License-Identifier: MIT
-- What of this host is free, and who uses what is not: seen on sockets and files of our own, and of
-- a QEMU's.
local core = require "lunik.core"
local facts = require "lunik.host.facts"
local free = require "lunik.host.ports"
local scratch = require "support.scratch"
local signal = require "lunik.system.signal"
local socket = require "posix.sys.socket"
local unistd = require "posix.unistd"
local users = require "lunik.host.users"

local kinds = { tcp = socket.SOCK_STREAM, udp = socket.SOCK_DGRAM }

local function bound(protocol, address, family)
  local fd = assert(socket.socket(family or socket.AF_INET, kinds[protocol], 0))
  if protocol == "tcp" then socket.setsockopt(fd, socket.SOL_SOCKET, socket.SO_REUSEADDR, 1) end
  assert(socket.bind(fd, { family = family or socket.AF_INET, addr = address, port = 0 }))
  if protocol == "tcp" then assert(socket.listen(fd, 1)) end
  return fd, socket.getsockname(fd).port
end

local function answer(...) return table.pack(free(...)) end

describe("a port", function()
  for protocol in pairs(kinds) do
    it("is taken where its address is in the way, for " .. protocol, function()
      local fd, port = bound(protocol, "127.0.0.1")
      for _, address in ipairs { "127.0.0.1", "localhost", "" } do
        assert.same({ nil, "taken", n = 2 }, answer(protocol, address, port))
      end
      assert.is_true(free(protocol, "127.0.0.2", port))
      unistd.close(fd)
      assert.is_true(free(protocol, "", port))
    end)
  end

  it("is free again though somebody was connected", function()
    local server, port = bound("tcp", "127.0.0.1")
    local client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
    assert(socket.connect(client, { family = socket.AF_INET, addr = "127.0.0.1", port = port }))
    local theirs = socket.accept(server)
    for _, fd in ipairs { theirs, client, server } do unistd.close(fd) end
    assert.is_true(free("tcp", "127.0.0.1", port))
  end)

  it("is elsewhere at an address of another host", function()
    assert.same({ nil, "elsewhere", n = 2 }, answer("tcp", "192.0.2.1", 4711))
  end)

  it("is not judged by a name that a server would have to be asked for", function()
    assert.is_true(free("tcp", "host.invalid", 4711))
  end)
end)

-- A QEMU that has an image, and a monitor; `work` is called while it runs.
local function with_qemu(dir, name, work)
  local image = scratch.write(dir .. "/disk.raw", ("\0"):rep(1 << 16))
  local ours, theirs = core.chan.pair()
  local qemu <close> = assert(core.proc.spawn { argv = { facts.program "qemu-system-x86_64",
    "-name", name, "-accel", "tcg", "-nodefaults", "-S", "-display", "none", "-blockdev",
    "raw,node-name=d,file.driver=file,file.filename=" .. image,
    "-device", "virtio-blk-pci,drive=d", "-qmp",
    "unix:q.sock,server=on,wait=off", "-chardev", "socket,id=a,fd=3", "-mon",
    "chardev=a,mode=control" }, fds = { [3] = theirs:fd() }, cwd = dir, env = {},
    pdeathsig = signal.KILL })
  theirs:close()
  -- the answer to its first command says that all devices are there
  local qmp = assert(core.qmp.open(ours))
  assert(qmp:handshake(20))
  local ok, why = pcall(work, image, qemu)
  qmp:close()
  qemu:signal(signal.KILL)
  qemu:wait(5)
  assert(ok, why)
end

local HAS_WRITE, NO_WRITERS = 101, 201

describe("what a QEMU has", function()
  local dir

  before_each(function() dir = scratch.new() end)
  after_each(function() scratch.remove(dir) end)

  it("is its image, by its locks, and its machine is named", function()
    with_qemu(dir, "guest=web,process=x", function(image, qemu)
      local found = users.of_lock(image, { HAS_WRITE, NO_WRITERS })
      assert.same({ qemu:pid(), "web" }, { found.pid, found.machine })
      assert.equal("x", found.name)
      assert.is_nil(users.of_lock(image, { 100 + 60 }))
    end)
    assert.is_nil(users.of_lock(dir .. "/disk.raw", { HAS_WRITE, NO_WRITERS }))
  end)

  it("is its socket, though it was bound from its folder", function()
    with_qemu(dir, "db", function(_, qemu)
      local found = users.of_socket(dir .. "/q.sock")
      assert.same({ qemu:pid(), "db" }, { found.pid, found.machine })
    end)
    -- the file is left behind, and nobody listens
    assert.is_nil(users.of_socket(dir .. "/q.sock"))
  end)
end)

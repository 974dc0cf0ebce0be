-- Who has a port, or a file: found as /proc shows it. This process is the one that has them.
local holder = require "lunik.process.holder"
local scratch = require "support.scratch"
local socket = require "posix.sys.socket"
local unistd = require "posix.unistd"

-- A socket of ours on a free port of an address: its descriptor, the port.
local function bound(kind, address, family)
  local fd = assert(socket.socket(family or socket.AF_INET, kind, 0))
  assert(socket.bind(fd, { family = family or socket.AF_INET, addr = address, port = 0 }))
  if kind == socket.SOCK_STREAM then assert(socket.listen(fd, 1)) end
  return fd, socket.getsockname(fd).port
end

local function is_us(one) return one and one.pid == unistd.getpid() and #one.name > 0 end

describe("the holder of a port", function()
  for protocol, kind in pairs { tcp = socket.SOCK_STREAM, udp = socket.SOCK_DGRAM } do
    it("is found for " .. protocol .. " where its address is in the way", function()
      local fd, port = bound(kind, "127.0.0.1")
      for _, address in ipairs { "127.0.0.1", "0.0.0.0", "" } do
        assert.is_true(is_us(holder.port(protocol, address, port)), address)
      end
      assert.is_nil(holder.port(protocol, "127.0.0.2", port))
      unistd.close(fd)
      assert.is_nil(holder.port(protocol, "127.0.0.1", port))
    end)

    it("is found for " .. protocol .. " on any address", function()
      local fd, port = bound(kind, "0.0.0.0")
      assert.is_true(is_us(holder.port(protocol, "127.0.0.1", port)))
      unistd.close(fd)
    end)
  end

  it("is nobody who only has a connection from there", function()
    local server, port = bound(socket.SOCK_STREAM, "127.0.0.1")
    local client = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0)
    assert(socket.connect(client, { family = socket.AF_INET, addr = "127.0.0.1", port = port }))
    assert.is_nil(holder.port("tcp", "127.0.0.1", socket.getsockname(client).port))
    unistd.close(client)
    unistd.close(server)
  end)
end)

describe("the holder of a file", function()
  it("is nobody where it is closed, and never ourselves", function()
    local dir = scratch.new()
    local path = scratch.write(dir .. "/x", "")
    local file = assert(io.open(path))
    assert.is_nil(holder.file(path))
    file:close()
    assert.is_nil(holder.file(dir .. "/missing"))
    scratch.remove(dir)
  end)
end)

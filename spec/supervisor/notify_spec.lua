-- What systemd is told.
local notify = require "lunik.supervisor.notify"
local scratch = require "support.scratch"
local socket = require "posix.sys.socket"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

describe("notify", function()
  local dir
  before_each(function() dir = scratch.new() end)
  after_each(function()
    stdlib.setenv("NOTIFY_SOCKET", nil)
    scratch.remove(dir)
  end)

  local function listening(path)
    local fd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM, 0)
    assert(socket.bind(fd, { family = socket.AF_UNIX, path = path }))
    return fd
  end

  it("sends a datagram to a path, and to a name of the kernel's", function()
    local name = "lunik-spec-" .. unistd.getpid()
    local cases = { { dir .. "/notify", dir .. "/notify" }, { "\0" .. name, "@" .. name } }
    for _, case in ipairs(cases) do
      local fd = listening(case[1])
      stdlib.setenv("NOTIFY_SOCKET", case[2])
      local tell = notify.take()
      assert.is_true(tell "READY=1\nSTATUS=here")
      assert.equal("READY=1\nSTATUS=here", socket.recv(fd, 100))
      unistd.close(fd)
    end
  end)

  it("takes the socket away from children", function()
    stdlib.setenv("NOTIFY_SOCKET", dir .. "/nobody")
    local tell = notify.take()
    assert.is_nil(os.getenv "NOTIFY_SOCKET")
    local ok, why = tell "READY=1"
    assert.is_nil(ok)
    assert.matches("^notify " .. dir .. "/nobody: ", why)
  end)

  it("tells nobody where nobody listens", function()
    assert.is_true(notify.take()("READY=1"))
  end)

  it("does not wait for one that reads nothing", function()
    local fd = listening(dir .. "/notify")
    local ok, why = true, nil
    for _ = 1, 100000 do
      ok, why = notify.send(dir .. "/notify", ("x"):rep(1000))
      if not ok then break end
    end
    assert.is_nil(ok)
    assert.matches("temporarily unavailable", why)
    unistd.close(fd)
  end)
end)

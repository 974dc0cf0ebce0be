-- What processes use, as the kernel counts it.
local run = require "support.run"
local unistd = require "posix.unistd"
local usage = require "lunik.host.usage"

describe("what a process uses", function()
  it("grows with what it computes, and what it has in memory", function()
    local pid = unistd.getpid()
    local before, resident = usage.cpu(pid), usage.memory(pid)
    local block = ("x"):rep(32 << 20)
    local enough = os.clock() + 0.2
    repeat local _ = block:reverse() until os.clock() > enough
    assert.is_true(usage.cpu(pid) - before >= 0.15)
    local now, proportional = usage.memory(pid)
    assert.is_true(now - resident >= 16 << 20)
    assert.is_true(proportional > 0 and proportional <= now + (1 << 20))
  end)

  it("is nothing of one that is gone, whatever its name was", function()
    local reader, writer = unistd.pipe()
    local child, out = run.start { argv = { "sh", "-c",
      "printf 'a) R 1 (b' >/proc/$$/comm; cat /proc/$$/comm; read nothing" }, path = true,
      fds = { [0] = reader } }
    assert.equal("a) R 1 (b\n", unistd.read(out, 100))
    local seconds = usage.cpu(child:pid())
    assert.is_true(seconds >= 0 and seconds < 5)
    local pid = child:pid()
    child:signal(9)
    child:wait(10)
    for _, fd in ipairs { reader, writer, out } do unistd.close(fd) end
    assert.is_nil(usage.cpu(pid))
    assert.is_nil((usage.memory(pid)))
    assert.is_nil((usage.network(pid)))
  end)

  it("is of the network what its tap interfaces have seen, from the other end", function()
    local text, how, status = run.output { path = true, env = { "PATH=" .. os.getenv "PATH" },
      fds = { [2] = 2 }, argv = { "unshare", "-nm", "sh", "-ec",
        "mount -t sysfs none /sys; exec \"$@\"", "sh", run.interpreter, "-e",
        ("package.cpath = %q package.path = %q "):format(package.cpath, package.path) .. [[
          local core, unistd = require "lunik.core", require "posix.unistd"
          local usage = require "lunik.host.usage"
          assert(usage.network(unistd.getpid()) == nil)
          local tap = assert(core.tap.open("spec0", {}))
          assert(io.open("/sys/class/net/spec0/flags", "w")):write("0x1003"):close()
          local _, before = usage.network(unistd.getpid())
          for _ = 1, 10 do assert(unistd.write(tap:fd(), ("\255"):rep(100)) == 100) end
          local received, sent = usage.network(unistd.getpid())
          print(sent - before, math.type(received)) ]] } }
    assert.same({ "1000\tinteger\n", "exited", 0 }, { text, how, status })
  end)
end)

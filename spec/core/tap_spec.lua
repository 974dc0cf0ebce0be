-- What core.tap promises: a tap as a descriptor, gone with it, or why there is none.
local core = require "lunik.core"
local run = require "support.run"
local errno = require "posix.errno"
local unistd = require "posix.unistd"

-- In a network namespace of its own, where no name of the host's is at stake, with a view of it.
local function isolated(script)
  return (run.output { path = true, fds = { [2] = 2 },
    argv = { "unshare", unistd.geteuid() == 0 and "-nm" or "-rnm",
      "sh", "-ec", "mount -t sysfs none /sys; exec \"$@\"", "sh",
      run.interpreter, "-e",
      ("package.cpath = %q package.path = %q "):format(package.cpath, package.path) .. [[
        tap = require "lunik.core".tap
        function flags(name)
          local file = io.open("/sys/class/net/" .. name .. "/tun_flags")
          return file and file:read "a":match "%S+"
        end
        function exists(name) return flags(name) ~= nil end
      ]] .. script },
    env = { "PATH=" .. os.getenv "PATH",
      "ASAN_OPTIONS=" .. (os.getenv "ASAN_OPTIONS" or "") } })
end

describe("tap.open", function()
  local device = io.open("/dev/net/tun", "r+")

  if not device then
    it("says that there is no device to open", function()
      local _, why, code = core.tap.open "lunik0"
      assert.matches("^open /dev/net/tun: ", why)
      assert.is_true(code == errno.ENOENT or code == errno.EACCES or code == errno.ENODEV)
    end)
    return
  end
  device:close()

  it("makes a tap that lives as long as its descriptor", function()
    assert.equal("lunik0\ttrue\nfalse\n", isolated [[
      local t = assert(tap.open "lunik0")
      print(t:name(), exists "lunik0")
      t:close()
      t:close()
      print(exists "lunik0")
    ]])
  end)

  it("takes the first free number for a pattern", function()
    assert.equal("lu0\tlu1\n", isolated [[
      local a, b = assert(tap.open "lu%d"), assert(tap.open "lu%d")
      print(a:name(), b:name())
    ]])
  end)

  it("asks for virtio's header only where told", function()
    -- tap 2, no packet info 0x1000, header 0x4000
    assert.equal("0x1002\n0x5002\n", isolated [[
      for _, options in ipairs { {}, { vnet_hdr = true } } do
        local t = assert(tap.open("lunik0", options))
        print(flags "lunik0")
        t:close()
      end
    ]])
  end)

  it("answers when another has it open", function()
    assert.equal("nil\ttap lunik0: Device or resource busy\t16\n", isolated [[
      local t = assert(tap.open "lunik0")
      print(tap.open "lunik0")
    ]])
  end)

  it("answers for a name that is no name", function()
    assert.equal("nil\ttap a/b: Invalid argument\t22\n", isolated [[print(tap.open "a/b")]])
  end)

  it("gives its descriptor away", function()
    assert.equal("true\n", isolated [[
      local fd = assert(tap.open "lunik0"):release()
      collectgarbage()
      print(exists "lunik0")
    ]])
  end)

  it("answers without the privilege", function()
    local text = run.lua([[
      print(select(3, require "lunik.core".tap.open "lunik0"))
    ]], { mounts = [[set -- setpriv --bounding-set -all --inh-caps -all "$@"]] })
    assert.equal(errno.EPERM .. "\n", text)
  end)

end)

describe("tap.open", function()
  it("raises for names that are too long, or empty", function()
    for _, name in ipairs { "", ("x"):rep(16), "a\0b" } do
      assert.has_error(function() core.tap.open(name) end)
    end
  end)
end)

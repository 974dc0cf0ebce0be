-- A machine on a tap interface: made by lunik, given to QEMU as a descriptor, gone with it.
local program = require "support.program"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("a nic of the kind tap", function()
  it("is there while the machine runs, and opened without a script", function()
    local dir = scratch.new()
    scratch.write(dir .. "/vm.lua", [[
      return machine { name = "tap", memory = "64M", accel = "tcg", ready = "qmp",
        nic { kind = "tap", ifname = "lunik-spec0" }, stop = { powerdown = 0, quit = 5 },
        on("ready", function(vm)
          local _, text = host.run { "cat", "/proc/self/net/dev" }
          print(text:find "lunik%-spec0" and "the interface is there" or text)
          vm:stop "seen"
        end) }]])
    -- in a network of its own, so that the host keeps its interfaces
    local running = program.start({ "unshare", "-n", "lua5.4", "spec/support/lunik.lua", "run",
      "--no-console", dir .. "/vm.lua" }, { env = { "LUA_PATH=" .. package.path,
      "LUA_CPATH=" .. package.cpath, "XDG_RUNTIME_DIR=" .. dir, "XDG_STATE_HOME=" .. dir,
      "PATH=" .. os.getenv "PATH", "HOME=" .. dir } })
    running:expect "the interface is there"
    assert.same({ "exited", 6 }, { running:wait() })
    running:close()
    scratch.remove(dir)
  end)

  it("names who has the interface already, when looked at and when started", function()
    local dir = scratch.new()
    for _, name in ipairs { "/run", "/state" } do assert(stat.mkdir(dir .. name, 448)) end
    scratch.write(dir .. "/vm.lua", [[
      return machine { name = "tap", memory = "64M", accel = "tcg", ready = "qmp",
        nic { kind = "tap", ifname = "lunik-spec1" } }]])
    scratch.write(dir .. "/try.lua", [[
      local tap <close> = assert(require "lunik.core".tap.open("lunik-spec1"))
      local run = require "support.run"
      local function said(...)
        return run.output { argv = { "sh", "-c", 'exec "$@" 2>&1', "sh", ... }, path = true,
          env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath, "HOME=" .. arg[1],
            "XDG_RUNTIME_DIR=" .. arg[1] .. "/run", "XDG_STATE_HOME=" .. arg[1] .. "/state",
            "PATH=" .. os.getenv "PATH" } }
      end
      for _, verb in ipairs { "check", "run" } do
        io.write((said("lua5.4", "spec/support/lunik.lua", verb, arg[1] .. "/vm.lua")))
      end
      print(require "lunik.vm.cause".of({}, said("qemu-system-x86_64", "-display", "none",
        "-netdev", "tap,id=n,ifname=lunik-spec1,script=no,downscript=no")))]])
    -- what a host's interfaces are is said by the sysfs of its network
    local text = run.output { argv = { "unshare", "-nm", "sh", "-ec",
      'mount -t sysfs sysfs /sys; exec lua5.4 "$@"', "sh", dir .. "/try.lua", dir }, path = true,
      env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath,
        "PATH=" .. os.getenv "PATH" } }
    scratch.remove(dir)
    local _, count = text:gsub("lua5.4 has it %(pid %d+%)", "")
    assert.equal(3, count, text)
    assert.matches("nic.ifname: 'lunik-spec1' is in use: lua5.4 has it", text, 1, true)
    assert.matches("net0: tap lunik-spec1: Device or resource busy: lua5.4 has it", text, 1, true)
    assert.matches("\ninterface lunik-spec1 is in use: lua5.4 has it", text, 1, true)
  end)
end)

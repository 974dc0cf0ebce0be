-- A machine on a tap interface: made by lunik, given to QEMU as a descriptor, gone with it.
local program = require "support.program"
local scratch = require "support.scratch"

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
end)

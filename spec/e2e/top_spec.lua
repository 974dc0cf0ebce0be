-- What machines take of the host, of a real guest that takes something.
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"

local PATIENCE = 90

describe("lunik top", function()
  local home
  setup(function()
    home = house.new()
    scratch.write(home.dir .. "/d.raw", ("\0"):rep(32 << 20))
    home:does("up", home:small("busy", [[ console {}, agent {}, nic {},
      disk { file = "d.raw" }, mount { from = ".", to = "/work" } ]]))
    home:does("up", "--paused", home:recipe("idle",
      "return machine { name = 'idle', accel = 'tcg', memory = '64M' }"))
  end)
  teardown(function() home:close() end)

  it("shows once in a pipe what a busy guest takes, and an idle one does not", function()
    local work = home:start({}, "exec", "busy", "--", "sh", "-c", "while :; do echo turn; "
      .. "dd if=/dev/vda of=/dev/null bs=1M 2>/dev/null; "
      .. "echo 3 >/proc/sys/vm/drop_caches; done")
    work:expect("turn", PATIENCE)
    local text = home:does("top", "--every", "1s")
    assert.matches("^NAME +STATE +CPU +MEMORY +READ/S +WRITE/S +IN/S +OUT/S\n"
      .. "busy +ready +%d+%% +%d+M/512M +[%d.]+[MG] +0 +%- +%-\n"
      .. "idle +paused +%d+%% +[%d.]+M/64M +%- +%- +%- +%-\n$", text)
    local lines = {}
    for line in home:does("top", "--json", "-n", "2", "--every", "0.5s"):gmatch "[^\n]+" do
      lines[#lines + 1] = core.json.decode(line)
    end
    assert.equal(2, #lines)
    for _, line in ipairs(lines) do
      local busy, idle = line.machines[1], line.machines[2]
      assert.same({ 1, "busy", "running", 2, 512 << 20, 0 }, { line.lunik, busy.name, busy.state,
        busy.cpus, busy.memory.configured, busy.disk.written })
      assert.is_true(busy.cpu > 0.1 and busy.disk.read > 1 << 20)
      assert.is_true(busy.memory.proportional <= busy.memory.resident + (64 << 20))
      assert.same({ "idle", "paused" }, { idle.name, idle.state })
      assert.is_true(idle.cpu < busy.cpu)
      -- QEMU does not count what goes through its user networking
      assert.is_nil(busy.net or idle.net or idle.disk)
    end
    work.proc:signal(2)
    work:wait(PATIENCE)
  end)

  it("goes on at a terminal until q or Ctrl-C, and leaves it as it was", function()
    for _, key in ipairs { "q", "\3" } do
      local one = home:start({ terminal = true }, "top", "--every", "0.2s")
      one:expect("NAME.-busy +ready +%- .-idle +paused", PATIENCE)
      one:expect("NAME.-busy +ready +%d+%% .-idle +paused", PATIENCE)
      one:send(key)
      assert.same({ "exited", 0 }, { one:wait(PATIENCE) })
      local flags = require "posix.termio".tcgetattr(one.slave).lflag
      assert.is_true(flags & require "posix.termio".ICANON ~= 0)
      one:close()
    end
  end)

  it("takes no count and no time that makes no sense", function()
    for _, case in ipairs { { "-n", "0", "a number from 1 on expected" },
                            { "--every", "0", "more than 0 seconds expected" },
                            { "--every", "x", "%-%-every: " } } do
      local status, _, errors = home:lunik("top", case[1], case[2])
      assert.equal(2, status)
      assert.matches(case[3], errors)
    end
  end)

  it("says that nothing runs", function()
    home:does("down", "--force", "busy", "idle")
    assert.equal("no machine is running\n", (home:does("top", "--every", "0.1s")))
    assert.same({}, core.json.decode((home:does("top", "--json", "--every", "0.1s"))).machines)
  end)
end)

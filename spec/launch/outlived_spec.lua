-- A QEMU that is gone while its helpers are not: they hold the machine's lock, and still it can be
-- brought down, and up again.
local after = require "support.faults.after"
local core = require "lunik.core"
local house = require "support.house"
local records = require "lunik.store.records"
local stat = require "posix.sys.stat"

local KILL, STOP = 9, 19

describe("a machine whose helpers outlive its QEMU", function()
  local home, recipe
  before_each(function()
    home = house.new()
    stat.mkdir(home.dir .. "/share", 448)
    recipe = home:recipe("m", ([[return machine { name = "m", accel = "tcg", memory = "64M",
      mount { from = %q, to = "/work" } }]]):format(home.dir .. "/share"))
    home:does("up", recipe)
  end)
  after_each(function() home:close() end)

  local function signal(pid, signo)
    local proc <close> = assert(core.proc.open(pid))
    proc:signal(signo)
    if signo == KILL then proc:wait(60) end
  end

  -- Helpers that hang, and nobody left who would end them.
  local function left_alone()
    local record = records.read(home.dir .. "/run/lunik/m")
    signal(record.supervisor.pid, KILL)       -- first: its end would wake what is stopped
    for _, each in ipairs(home:processes()) do
      if each:find "virtiofsd" then signal(math.tointeger(each:match "^%d+"), STOP) end
    end
    signal(record.qemu.pid, KILL)
    assert.equal("gone", (after.state(home)))
  end

  it("goes down", function()
    left_alone()
    local _, errors = home:does("down", "m")
    assert.equal("m: it had ended; what it left is removed\n", errors)
    after.nothing(home)
  end)

  it("goes down by force", function()
    left_alone()
    home:does("down", "--force", "m")
    after.nothing(home)
  end)

  it("leaves nothing when QEMU ends while it is taken over", function()
    local record = records.read(home.dir .. "/run/lunik/m")
    signal(record.supervisor.pid, KILL)
    signal(record.qemu.pid, STOP)
    local watch <close> = assert(core.watch.open())
    assert(watch:add(home.dir .. "/run/lunik/m", "moved_to"))
    local asked = home:start({}, "adopt", "m")
    assert(watch:next(10))                    -- the record names the new supervisor
    signal(record.qemu.pid, KILL)
    local how, code = asked:wait(60)
    assert.same({ "exited", 3, "lunik adopt: QEMU is gone\n" }, { how, code, asked.text })
    after.nothing(home)
  end)

  it("starts again", function()
    left_alone()
    home:does("up", recipe)
    assert.equal("running", (after.state(home)))
    home:does("down", "--force", "m")
    after.nothing(home)
  end)
end)

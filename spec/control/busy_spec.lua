-- What a user sees of a machine whose control socket has as many clients as it takes.
local core = require "lunik.core"
local exit = require "lunik.exit"
local house = require "support.house"
local loop = require "lunik.async.loop"
local wait = require "lunik.async.wait"

local CLIENTS = 64

describe("a machine with as many clients as it takes", function()
  local home, l, clients
  setup(function() home = house.new() end)
  before_each(function() l, clients = loop.new(), {} end)
  after_each(function()
    for _, chan in ipairs(clients) do chan:close() end
    l:close()
    home:clear()
  end)
  teardown(function() home:close() end)

  -- Each has been greeted, so that the supervisor has counted it.
  local function crowd()
    for i = 1, CLIENTS do
      clients[i] = assert(core.chan.connect(home.dir .. "/run/lunik/m/control.sock", 10))
      assert.is_truthy(assert(wait.line(l, clients[i], 30, 1 << 16)):find "QMP")
    end
  end

  local RECIPE = [[return machine { name = "m", accel = "tcg", memory = "32M",
    nic { kind = "user", forward = { ssh = 22 } } }]]

  local BUSY = "machine 'm' has as many clients as its control socket takes: close one; "
    .. "lunik down m works all the same\n"

  it("is listed as it is, and says so to who would speak to it", function()
    home:does("up", home:recipe("m", RECIPE))
    local before = home:json("ls", "--json").machines[1]
    crowd()
    local one = home:json("ls", "--json").machines[1]
    assert.same({ "busy", before.qemu.pid, before.forwards[1].port, before.recipe },
                { one.state, one.qemu.pid, one.forwards[1].port, one.recipe })
    assert.is_true(one.uptime >= 0)
    assert.matches("\nm%s+busy%s+%d+s%s+%-%s+ssh:%d+%->22", (home:does "ls"))
    assert.equal("busy", home:json("status", "--json", "m").state)
    for _, verb in ipairs { "mounts", "wait" } do
      local code, _, said = home:lunik(verb, "m")
      assert.same({ exit.problems, "lunik " .. verb .. ": " .. BUSY }, { code, said })
    end
    clients[1]:close()
    l:run(function()
      repeat l:sleep(0.05) until home:json("ls", "--json").machines[1].state ~= "busy"
    end)
    home:does("down", "--force", "m")
  end)

  it("goes down all the same, also where its guest does not hear", function()
    for _, more in ipairs { { "--force" }, { "--timeout", "1s" } } do
      home:does("up", home:recipe("m", RECIPE))
      crowd()
      local _, said = home:does("down", "m", table.unpack(more))
      assert.equal("m: asking its supervisor to stop\n", said)
      assert.same({}, home:runtime())
      assert.equal("down", home:json("ls", "-a", "--json").machines[1].state)
    end
  end)
end)

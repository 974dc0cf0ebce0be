-- Ctrl-C while a verb waits for a machine: it ends with 130, and one line says what goes on.
local house = require "support.house"
local signal = require "lunik.system.signal"
local time = require "posix.time"

-- Returns once a process takes SIGINT by itself: it blocks the signal then, proc(5).
local function listens(pid)
  for _ = 1, 1000 do
    local file <close> = assert(io.open(("/proc/%d/status"):format(pid)))
    local blocked = file:read "a":match "SigBlk:%s*(%x+)"
    if tonumber(blocked, 16) & 1 << signal.INT - 1 ~= 0 then return end
    time.nanosleep { tv_sec = 0, tv_nsec = 10 * 1000 * 1000 }
  end
  error "it never listened"
end

describe("Ctrl-C", function()
  local home
  setup(function()
    home = house.new()
    home:does("up", "--paused", home:recipe("m", [[return machine { name = "m", accel = "tcg",
      memory = "64M", ready = function() return false end, hotplug { ports = 2 } }]]))
  end)
  teardown(function()
    home:lunik("down", "--force", "m")
    home:close()
  end)

  for verb, case in pairs {
    wait = { { "wait", "m" }, "the machine runs on" },
    events = { { "events", "-f", "m" }, "the machine runs on" },
    qmp = { { "qmp", "m", "lunik-wait", "for=end" }, "the machine runs on" },
  } do
    it("ends " .. verb, function()
      local one = home:start({}, table.unpack(case[1]))
      listens(one.proc:pid())
      one.proc:signal(signal.INT)
      assert.same({ "exited", 130 }, { one:wait(20) })
      assert.equal(("lunik %s: interrupted; %s\n"):format(case[1][1], case[2]),
                   one.text:match "[^\n]*\n$")
      one:close()
      assert.equal("paused", home:json("status", "m", "--json").state)
    end)
  end
end)

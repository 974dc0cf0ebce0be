-- Channels into a guest that is put away: none is there when its state is written, and none comes
-- that was just being plugged.
local channels = require "lunik.vm.streams.channels"
local core = require "lunik.core"
local loop = require "lunik.async.loop"
local scratch = require "support.scratch"

describe("channels into a guest", function()
  local dir, there
  before_each(function() dir, there = scratch.new(), {} end)
  after_each(function() scratch.remove(dir) end)

  -- A QEMU in which each command takes a turn of the loop, and which has what it was told to.
  local function with(fn)
    local l <close> = loop.new()
    local qemu = {}
    local answers = {
      ["chardev-add"] = function(arguments) there[arguments.id] = true end,
      ["chardev-remove"] = function(arguments) there[arguments.id] = nil end,
      ["query-chardev"] = function()
        local list = core.json.array {}
        for label in pairs(there) do list[#list + 1] = { label = label } end
        return list
      end,
    }
    function qemu.exec(_, command, arguments)
      l:sleep(0.002)
      return answers[command] and answers[command](arguments) or {}
    end
    l:run(fn, channels.new { loop = l, monitor = qemu, plan = { runtime = dir }, guest = {} }, l)
  end

  it("are all gone once they are withdrawn, whoever was just plugging some", function()
    for late = 0, 12 do
      with(function(one, l)
        local preparing = l:spawn("prepare", function() one:prepare(3) end)
        l:sleep(late / 1000)
        one:withdraw()
        preparing:join()
        assert.same({}, there)
        assert.same({}, one.free)
        assert.same({}, scratch.list(dir))
      end)
    end
  end)

  it("come again when they may", function()
    with(function(one)
      one:withdraw()
      assert.same({ nil, "no channel into the guest: none is to be there", "busy" },
                  { one:plug "exec" })
      one:allow()
      one:prepare(3)
      assert.equal(3, #one.free)
      one:withdraw()
      assert.same({}, there)
    end)
  end)
end)

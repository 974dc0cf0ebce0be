-- Channels into a guest: where it has them is asked once. Where one is put away none is there when
-- its state is written, and none comes that was just being plugged.
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
    local guest = { generation = 1, asked = 0, agent = {} }
    function guest.agent.exec()
      guest.asked = guest.asked + 1
      local lines = {}
      for label in pairs(there) do
        local number = label:match "%d+$"
        lines[#lines + 1] = ("lunik.exec.%d /dev/vport1p%d\n"):format(number, number)
      end
      return { out = table.concat(lines) }
    end
    l:run(fn, channels.new { loop = l, monitor = qemu, plan = { runtime = dir }, guest = guest },
          l, guest)
  end

  it("are told from a machine's other devices by their ids and paths", function()
    for _, name in ipairs { "lunik-exec-1", "lunik-tty-12", "/machine/peripheral/lunik-exec-3" } do
      assert.is_true(channels.is_one(name), name)
    end
    for _, name in ipairs { "fs-lunik-cp-1", "lunik-cp-1", "my-lunik-exec-1", "lunik-exec-",
                            "/machine/peripheral/fs-lunik-cp-1", 7 } do
      assert.is_false(channels.is_one(name), name)
    end
    assert.is_false(channels.is_one(nil))
  end)

  it("are looked for in the guest once, those that nobody has wanted yet, too", function()
    with(function(one, _, guest)
      one:prepare(3)
      local first, second = assert(one:take(2)), assert(one:take(1))
      assert.equal("/dev/vport1p2", first[2].node)
      assert.equal("/dev/vport1p3", second[1].node)
      assert.equal(1, guest.asked)
      guest.generation = 2                 -- it has booted anew, and may have them elsewhere
      one:give(first)
      one:give(second)
      assert(one:take(3))
      assert.equal(2, guest.asked)
    end)
  end)

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

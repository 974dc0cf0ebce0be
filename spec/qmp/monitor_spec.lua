-- The monitor: at most 6 commands on their way, this side's own before those it passes on.
local loop = require "lunik.async.loop"
local monitor = require "lunik.qmp.monitor"
local qmp_peer = require "support.qmp_peer"

describe("a monitor", function()
  -- fn(monitor, loop) before a peer that plays `rows`.
  local function before(rows, fn)
    local l <close> = loop.new()
    local peer = qmp_peer.start(rows)
    l:run(function()
      local one = assert(monitor.open(l, peer.chan))
      assert(one:handshake(10))
      fn(one, l)
      one:close()
    end)
    return peer:finish()
  end

  -- Reads commands into a list until there is one called `last`, then answers them all.
  local function hold(last)
    return function(peer)
      local held = {}
      repeat
        local command = assert(peer:command(), "no command came")
        held[#held + 1] = command
      until command.execute == last
      for _, command in ipairs(held) do
        peer:say { ["return"] = { name = command.execute, behind = #held }, id = command.id }
      end
    end
  end

  local function pass(one, names)
    local answers = {}
    for _, name in ipairs(names) do
      one:pass(name, nil, function(value, why) answers[#answers + 1] = value or why end)
    end
    return answers
  end

  it("has no more than 6 commands on their way, and the others in order", function()
    local names = {}
    for i = 1, 20 do names[i] = "c" .. i end
    local rows = { "hello", { "reply", {} }, hold "c6", hold "c12", hold "c18", hold "c20" }
    local sound = before(rows, function(one, l)
      local answers = pass(one, names)
      local ends = l.now() + 10
      repeat l:pass() until #answers == 20 or l.now() > ends
      for i, answer in ipairs(answers) do assert.equal("c" .. i, answer.name) end
      assert.equal(20, #answers)
      for i = 1, 18 do assert.equal(6, answers[i].behind) end
    end)
    assert.is_true(sound)
  end)

  it("sends its own before those that wait to be passed on", function()
    local order = {}
    before({ "hello", { "reply", {} }, hold "c6", function(peer)
      for _ = 1, 5 do
        local command = peer:command()
        peer:say { ["return"] = { name = command.execute }, id = command.id }
      end
    end }, function(one, l)
      for i = 1, 10 do
        one:pass("c" .. i, nil, function(value) order[#order + 1] = value.name end)
      end
      local own = l:spawn("own", function() return one:exec("mine", nil, 10) end)
      local ok, value = own:join(10)
      assert.is_true(ok)
      assert.equal("mine", value.name)
      local ends = l.now() + 10
      repeat l:pass() until #order == 10 or l.now() > ends
    end)
    assert.same({ "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10" }, order)
  end)

  it("drops what an owner that is gone passed, and what is on its way is answered", function()
    local mine, others, answers = {}, {}, {}
    local sound = before({ "hello", { "reply", {} }, hold "c6", hold "c8" }, function(one, l)
      for i = 1, 9 do
        one:pass("c" .. i, nil, function(value) answers[#answers + 1] = value.name end,
                 i == 8 and others or mine)
      end
      one:abandon(mine)
      local ends = l.now() + 10
      repeat l:pass() until #answers == 7 or l.now() > ends
    end)
    assert.is_true(sound)
    assert.same({ "c1", "c2", "c3", "c4", "c5", "c6", "c8" }, answers)
  end)

  it("gives up what it never sent when its time is over", function()
    before({ "hello", { "reply", {} }, "hang" }, function(one)
      one:pass("c0", nil, function() end)
      for i = 1, 5 do one:pass("x" .. i, nil, function() end) end
      local value, why = one:exec("late", nil, 0.05)
      assert.same({ nil, "timed out" }, { value, why })
      one:close()
    end)
  end)

  it("fails everything, in order, when the peer has gone", function()
    local answers
    before({ "hello", { "reply", {} }, function(peer)
      for _ = 1, 6 do peer:command() end
      peer.chan:close()
      require "posix.unistd"._exit(0)
    end }, function(one, l)
      local names = {}
      for i = 1, 9 do names[i] = "c" .. i end
      answers = pass(one, names)
      one.closed:wait(60)
      l:pass()
    end)
    assert.equal(9, #answers)
    for i, why in ipairs(answers) do assert.matches("^c" .. i .. ": ", why) end
  end)

  it("hears an event before the answer of the command that caused it", function()
    local order = {}
    before({ "hello", { "reply", {} }, function(peer)
      local command = peer:command()
      peer:say { event = "STOP", timestamp = { seconds = 1, microseconds = 2 } }
      peer:say { ["return"] = {}, id = command.id }
    end }, function(one, l)
      one:on_event(function(event) order[#order + 1] = event.event end)
      local done = l:latch()
      one:pass("stop", nil, function() order[#order + 1] = "answer" done:set(true) end)
      done:wait(60)
    end)
    assert.same({ "STOP", "answer" }, order)
  end)
end)

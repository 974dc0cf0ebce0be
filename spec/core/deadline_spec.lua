-- SPDX-License-Identifier: MIT
-- Processor time over several calls of functions, and over what runs between them.
local core = require "lunik.core"

local deadline, slice = core.deadline, core.slice

local function forever() while true do end end

describe("core.deadline", function()
  after_each(function() deadline.set(nil) end)

  it("ends a call that has instructions left", function()
    deadline.set(0.02)
    local ok, trace, message = slice.call(math.maxinteger, forever)
    assert.same({ false, deadline.late }, { ok, message })
    assert.matches("^not enough processor time\nstack traceback:\n\t.*deadline_spec.lua:7: in ",
      (trace:gsub("^[^\n]-:%d+: ", "")))
  end)

  it("is one for all calls", function()
    deadline.set(0.02)
    local calls = 0
    repeat
      calls = calls + 1
      local ok, _, message = slice.call(100000, forever)
      assert.is_false(ok)
    until message == deadline.late
    assert.is_true(calls > 1)
    assert.is_false((slice.call(math.maxinteger, forever)))
  end)

  it("is not caught by pcall", function()
    deadline.set(0.02)
    local ok, _, message = slice.call(math.maxinteger, function()
      while true do pcall(forever) end
    end)
    assert.same({ false, deadline.late }, { ok, message })
  end)

  it("ends what runs between calls, once somebody has looked", function()
    deadline.set(0.02)
    local ok, why = pcall(function()
      deadline.look(1)
      forever()
    end)
    assert.same({ false, deadline.late }, { ok, why })
    deadline.set(nil)
    assert.is_nil((debug.gethook()))
  end)

  it("is over when what was called within it is, whatever that gave", function()
    for _ = 1, 20 do
      deadline.set(0.005)
      assert.same({ false, "told: " .. deadline.late }, { deadline.call(function()
        deadline.look(1)
        forever()
      end, function(why) return "told: " .. why end) })
      assert.is_nil((debug.gethook()))
      for _ = 1, 30000 do deadline.look(1) end
    end
    deadline.set(1000)
    local function same(...) return ... end
    assert.same({ true, 1, nil, 3 }, { deadline.call(same, error, 1, nil, 3) })
    assert.is_true(coroutine.wrap(function()
      deadline.set(1000)
      return deadline.call(function() return coroutine.yield() or true end, error)
    end)() == nil)
  end)

  it("has no hook while there is time", function()
    local before = debug.gethook()
    deadline.set(1000)
    deadline.look(10)
    assert.equal(before, (debug.gethook()))
  end)

  it("leaves a hook of somebody else's alone", function()
    local hook, mask, count = debug.gethook()
    local function own() end
    debug.sethook(own, "", 1000)
    deadline.set(0.5)
    deadline.look(1)
    local found = debug.gethook()
    deadline.set(nil)
    local kept = debug.gethook()
    debug.sethook(hook, mask, count)
    assert.equal(own, found)
    assert.equal(own, kept)
  end)

  it("bounds nothing when there is none", function()
    deadline.set(0.001)
    deadline.set(nil)
    deadline.look(1)
    assert.same({ true, 1 }, { slice.call(10000000, function()
      for _ = 1, 1000000 do end
      return 1
    end) })
  end)

  it("refuses what is no time", function()
    for _, seconds in ipairs { -1, 0 / 0, math.huge } do
      assert.error(function() deadline.set(seconds) end)
    end
  end)
end)

local timeline = require "lunik.async.timeline"

describe("a timeline", function()
  local at, line
  before_each(function()
    at = 0
    line = timeline.new(function() return at end)
  end)

  local function step(name, seconds)
    line:begin(name)
    at = at + seconds
  end

  it("has steps one after the other, each until the next begins", function()
    step("a", 1)
    step("b", 0.5)
    assert.same({ { step = "a", ms = 1000 }, { step = "b", ms = 500 } }, line:read())
  end)

  it("has a step once that is begun again while it is under way", function()
    step("a", 1)
    step("a", 1)
    assert.same({ { step = "a", ms = 2000 } }, line:read())
  end)

  it("has what others have measured inside of a step", function()
    line:inside { { step = "lost", ms = 1 } }
    step("a", 1)
    line:inside { { step = "x", ms = 300 } }
    line:inside {}
    line:inside { { step = "y", ms = 200 } }
    step("b", 1)
    assert.same({ { step = "a", ms = 1000, steps = { { step = "x", ms = 300 },
      { step = "y", ms = 200 } } }, { step = "b", ms = 1000 } }, line:read())
  end)

  it("ends", function()
    step("a", 1)
    line:finish()
    step("b", 1)
    line:inside { { step = "x", ms = 1 } }
    line:finish()
    assert.same({ { step = "a", ms = 1000 } }, line:read())
  end)
end)

local profile = require "lunik.cli.profile"

describe("a profile", function()
  it("is a line for each step, with what a step consists of below it", function()
    assert.same({
      "    12.5 ms  all of it",
      "       2.5 ms  recipe",
      "      10.0 ms  start",
      "         4.0 ms  qemu",
    }, profile.lines { { step = "recipe", ms = 2.5 },
                       { step = "start", ms = 10, steps = { { step = "qemu", ms = 4 } } } })
  end)
end)

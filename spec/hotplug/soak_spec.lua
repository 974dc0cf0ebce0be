-- A short soak: random kills and stops while verbs are at work on a machine whose guest boots and
-- mounts. `make soak` is the long one.
local soak = require "support.faults.soak"

local ROUNDS, SEED = 20, 11

describe("a machine whose processes are killed or stopped at random", function()
  local all, lines
  setup(function()
    lines = {}
    all = soak.new(SEED, function(text) lines[#lines + 1] = text end)
  end)
  teardown(function()
    print(table.concat(lines, "\n"))
    all:close()
  end)

  it("is as lunik says, leaves nothing, and can be had again", function()
    for number = 1, ROUNDS do
      local ok, why = all:round(number)
      assert(ok, why)
    end
    all:finish()
  end)
end)

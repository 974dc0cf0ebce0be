-- What a terminal shows of a copy that is on its way.
local meter = require "lunik.cli.meter"

describe("how far a copy is", function()
  it("has its rate and what is left, where that is known", function()
    for want, case in pairs {
      ["a: 0 of 1M"] = { 0, 1 << 20, 0 },
      ["a: 10M of 100M, 5M/s, 18s left"] = { 10 << 20, 100 << 20, 2 },
      ["a: 10M, 5M/s"] = { 10 << 20, nil, 2 },
      ["a: 100M of 100M, 50M/s, 0s left"] = { 100 << 20, 100 << 20, 2 },
      ["a: 1G, 1G/s"] = { 1 << 30, 1 << 20, 1 },
      ["a: 1M of 10G, 1M/s, 2h50m left"] = { 1 << 20, 10 << 30, 1 },
    } do
      assert.equal(want, meter.picture("a", table.unpack(case, 1, 3)))
    end
  end)
end)

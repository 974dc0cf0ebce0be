-- What is started together is let go together, as long as there are not too many.
local let_go = require "lunik.supervisor.let_go"

describe("what is started together", function()
  local function held(count)
    local gone, all = {}, let_go.new()
    for i = 1, count do
      all:add { close = function() gone[#gone + 1] = i end }
    end
    return all, gone
  end

  it("is let go when the last has come", function()
    local all, gone = held(8)
    assert.same({}, gone)
    all:close()
    table.sort(gone)
    assert.same({ 1, 2, 3, 4, 5, 6, 7, 8 }, gone)
    all:close()
    assert.equal(8, #gone)
  end)

  it("is let go one after the other where it is too much to hold", function()
    local _, gone = held(67)
    assert.same({ 1, 2, 3 }, gone)
  end)
end)

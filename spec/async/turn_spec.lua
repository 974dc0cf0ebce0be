-- One at a time.
local loop = require "lunik.async.loop"
local turn = require "lunik.async.turn"

describe("a turn", function()
  it("is one task's after the other's, in the order in which they came", function()
    local l, order = loop.new(), {}
    l:run(function()
      local take, inside = turn(l), 0
      local tasks = {}
      for i = 1, 5 do
        tasks[i] = l:spawn("one", function()
          local _ <close> = take()
          inside = inside + 1
          assert.equal(1, inside)
          l:pass()
          order[#order + 1], inside = i, inside - 1
        end)
      end
      for _, task in ipairs(tasks) do assert(task:join()) end
    end)
    assert.same({ 1, 2, 3, 4, 5 }, order)
  end)

  it("ends with its task, however that ends", function()
    local l = loop.new()
    l:run(function()
      local take = turn(l)
      local broken = l:spawn("raises", function()
        local _ <close> = take()
        error "x"
      end)
      assert.is_false((broken:join()))
      local cancelled = l:spawn("waits", function()
        local _ <close> = take()
        l:sleep(60)
      end)
      l:pass()
      cancelled:cancel()
      local mine <close> = take(function() return 0 end)
      assert.is_truthy(mine)
    end)
  end)

  it("is not waited for by one whose patience is over, and asked anew for each wait", function()
    local l = loop.new()
    l:run(function()
      local take = turn(l)
      local mine = take()
      assert.is_nil(take(function() return 0 end))
      local left = { 0.001, 0.001, 0 }
      assert.is_nil(take(function() return table.remove(left, 1) end))
      assert.same({}, left)
      getmetatable(mine).__close()
      local _ <close> = take(function() return 0 end)
    end)
  end)
end)

-- What is opened whole, or not at all.
local loop = require "lunik.async.loop"
local opened = require "lunik.async.opened"

describe("what is opened in a task of its own", function()
  -- Runs work(open, left, gate): open() waits for the gate; left lists what was left.
  local function with(work)
    local l <close> = loop.new()
    l:run(function()
      local gate, left = l:latch(), {}
      local function open(fn)
        return opened(function(...) return l:spawn(...) end, "open", fn or function()
          gate:wait()
          return "it"
        end, function(what) left[#left + 1] = what end)
      end
      work(l, open, left, gate)
    end)
  end

  it("is whoever's waits for it", function()
    with(function(_, open, left, gate)
      gate:set(true)
      assert.equal("it", open())
      assert.same({ nil, "no", "busy" }, { open(function() return nil, "no", "busy" end) })
      assert.same({}, left)
    end)
  end)

  it("is opened to the end, and left, where whoever waited is cancelled", function()
    with(function(l, open, left, gate)
      local waiter = l:spawn("waits", open)
      l:pass()
      waiter:cancel()
      assert.same({}, left)
      gate:set(true)
      repeat l:pass() until left[1]
      assert.same({ "it" }, left)
    end)
  end)

  it("is a fault of lunik's where opening raises", function()
    with(function(_, open)
      local what, why, code = open(function() error("x", 0) end)
      assert.same({ nil, "bug: x", "failed" }, { what, why:match "^[^\n]*", code })
    end)
  end)
end)

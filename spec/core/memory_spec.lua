-- What core.memory promises: a bound for the whole state, and the old allocator back.
local core = require "lunik.core"
local run = require "support.run"

local MiB = 1 << 20

local function lifted(...)
  core.memory.limit(nil)
  return ...
end

-- Runs f with so much more memory than there is in use; asserts need some themselves.
local function within(more, f, ...)
  collectgarbage()
  core.memory.limit(math.floor(collectgarbage "count" * 1024) + more)
  return lifted(pcall(f, ...))
end

describe("memory.limit", function()
  it("lets allocation beyond it fail, as an error that can be caught", function()
    assert.same({ false, "not enough memory" }, { within(MiB, string.rep, "x", 2 * MiB) })
    assert.same({ true, false, "not enough memory" },
      { within(MiB, pcall, string.rep, "x", 2 * MiB) })
    assert.is_true((within(MiB, string.rep, "x", MiB // 4)))
  end)

  it("does not count what has been collected", function()
    assert.is_true((within(4 * MiB, function()
      for _ = 1, 20 do string.rep("x", MiB) end
    end)))
  end)

  it("counts what is kept", function()
    local kept = {}
    assert.is_false((within(8 * MiB, function()
      for i = 1, 100 do kept[i] = string.rep("x", MiB // 2) .. i end
    end)))
    assert.is_true(#kept > 8 and #kept < 16, #kept)
  end)

  it("can be set below what is in use", function()
    assert.is_false((within(-65536, string.rep, "x", 1000)))
  end)

  it("can be moved while it holds", function()
    assert.is_true((within(MiB, function()
      core.memory.limit(math.floor(collectgarbage "count" * 1024) + 8 * MiB)
      return string.rep("x", 2 * MiB)
    end)))
  end)

  it("is lifted for good", function()
    within(MiB, string.rep, "x", 2 * MiB)
    core.memory.limit(nil)
    assert.equal(20 * MiB, #string.rep("x", 20 * MiB))
  end)

  it("ends a slice that hoards, and the slice says so", function()
    local results = { within(MiB, core.slice.call, 1 << 30, function(hoard)
      while true do hoard[#hoard + 1] = {} end
    end, {}) }
    assert.same({ true, false, "not enough memory", "not enough memory" }, results)
    assert.same({ true, 1 }, { core.slice.call(1000, function() return 1 end) })
  end)

  it("survives the end of the state", function()
    assert.same({ "", "exited", 0 }, { run.lua [[
      local core = require "lunik.core"
      local meta = { __gc = function() late = ("y"):rep(1 << 20) end }
      core.memory.limit(16 << 20)
      kept = setmetatable({ ("x"):rep(1 << 20) }, meta)
      os.exit(true, true)
    ]] })
  end)

  it("refuses a negative one", function()
    assert.has_error(function() core.memory.limit(-1) end)
  end)
end)

-- The clock of a guest that goes on, on a host that is so busy that it hears late.
local fresh = require "lunik.vm.fresh"
local time = require "posix.time"

describe("the clock of a guest that goes on", function()
  local clock_gettime = time.clock_gettime
  local passed
  before_each(function()
    passed = 0
    time.clock_gettime = function() return { tv_sec = 1000 + passed, tv_nsec = 0 } end
  end)
  after_each(function() time.clock_gettime = clock_gettime end)

  -- A guest that hears after so many seconds, a number for each time: what it was told. more: what
  -- it says of further steps.
  local function told(lags, more)
    local list = {}
    local guest = { plan = {}, reachable = function() return true end }
    function guest.run_as_root(_, text)
      list[#list + 1] = text:match "date.-\n.*'?@?(1%d%d%d)"
      passed = passed + (lags[#list] or 0)
      local mark = text:match "lunik%x+"
      return { status = 0, out = mark .. " clock 0 1.00 1.00\n" .. (more or ""):gsub("MARK", mark) }
    end
    local report = fresh.run(guest, { clock = true, hostname = more and "clone" })
    assert.same({ "clock", true }, { report[1].name, report[1].done })
    return list
  end

  it("is set once where it hears at once", function()
    assert.same({ "1000" }, told { 0 })
  end)

  it("is set again to the time of then where it has heard late", function()
    assert.same({ "1000", "1003", "1005" }, told { 3, 2, 0 })
  end)

  it("is set once where what follows takes long, and so does getting there", function()
    assert.same({ "1000" }, told({ 3 }, "MARK hostname 0 3.80 3.90\n"))
  end)

  it("is left where it never hears in time", function()
    assert.equal(5, #told { 9, 9, 9, 9, 9, 9 })
  end)
end)

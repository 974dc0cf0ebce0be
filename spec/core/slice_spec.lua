-- What core.slice promises: Lua runs for so many instructions and no further, wherever it loops,
-- and being sliced changes nothing about what it computes.
local slice = require "lunik.core".slice

local N = 100000

local function loop() while true do end end

local function handler() loop() end

-- What must not get away, each in its own way.
local runaways = {
  ["a plain loop"] = loop,
  ["a loop around pcall"] = function() while true do pcall(loop) end end,
  ["a loop in xpcall's handler"] = function() xpcall(loop, handler) end,
  ["a loop in the handler of an ordinary error"] = function() xpcall(error, handler) end,
  ["a sort comparator"] = function() table.sort({ 3, 1, 2 }, loop) end,
  ["a comparator that catches all"] = function()
    table.sort({ 3, 1, 2 }, function() while true do pcall(loop) end end)
  end,
  ["a comparator with a handler"] = function()
    table.sort({ 3, 1, 2 }, function() return xpcall(loop, handler) end)
  end,
  ["a gsub callback"] = function()
    return ("x"):gsub(".", function() xpcall(loop, handler) end)
  end,
  ["a metamethod called by C"] = function()
    local object = setmetatable({}, { __tostring = function() while true do pcall(loop) end end })
    while true do pcall(tostring, object) end
  end,
  ["an inner coroutine"] = function() coroutine.wrap(loop)() end,
  ["an inner coroutine that catches all"] = function()
    coroutine.wrap(function() while true do pcall(loop) end end)()
  end,
  ["an inner coroutine with a handler"] = function()
    coroutine.wrap(function() xpcall(loop, handler) end)()
  end,
  ["a coroutine that is xpcall"] = function()
    while true do pcall(coroutine.wrap(xpcall), loop, handler) end
  end,
  ["inner coroutines that catch each other"] = function()
    local function nest(depth)
      return function()
        while true do
          if depth == 0 then loop() end
          pcall(coroutine.wrap(nest(depth - 1)))
        end
      end
    end
    nest(20)()
  end,
  ["closing a variable"] = function()
    local x <close> = setmetatable({}, { __close = loop })
    return x
  end,
  ["recursion that catches its overflow"] = function()
    local function f() pcall(f) return f() end
    f()
  end,
}

describe("slice.call", function()
  it("is like pcall", function()
    assert.same({ true, 3, nil, 5, n = 4 }, table.pack(slice.call(N, function(a, b)
      return a + b, nil, 5
    end, 1, 2)))
    local problem = {}
    assert.same({ false, problem, problem }, { slice.call(N, error, problem) })
  end)

  it("gives the message with a traceback, and alone", function()
    local function fails() error("why", 0) end
    local ok, trace, message = slice.call(N, function() fails() end)
    assert.is_false(ok)
    assert.equal("why", message)
    assert.matches("^why\nstack traceback:.-slice_spec.lua:%d+: in .-'fails'", trace)
  end)

  for name, runaway in pairs(runaways) do
    it("ends " .. name, function()
      local ok, trace, message = slice.call(N, runaway)
      assert.is_false(ok)
      assert.equal("instruction budget of 100000 spent", message)
      assert.matches("instruction budget of 100000 spent\nstack traceback:\n", trace)
    end)
  end

  it("names the line that was running when the budget was spent", function()
    local _, trace = slice.call(N, load("local x = 1\nwhile true do x = x + 1 end", "=vm.lua"))
    assert.matches("^vm.lua:2: instruction budget of 100000 spent\nstack traceback:\n\tvm.lua:2:",
      trace)
  end)

  it("charges for coroutines that are too short for a count", function()
    local made = 0
    assert.is_false(slice.call(N, function()
      while true do
        made = made + 1
        coroutine.wrap(function() for _ = 1, 300 do end end)()
      end
    end))
    assert.is_true(made < N / 300, made)
  end)

  it("charges an instruction that takes long for its time", function()
    local function joins(text)
      local joined
      for _ = 1, 1000 do joined = text .. "x" end
      return joined
    end
    assert.is_true(slice.call(N, joins, "x"))
    assert.is_false(slice.call(N, joins, ("x"):rep(8 << 20)))
  end)

  it("runs nothing once the budget is spent, but closes what is open", function()
    local after, closed = 0, {}
    local file = io.tmpfile()
    assert.is_false(slice.call(N, function()
      local f <close> = file
      local x <close> = setmetatable({}, { __close = function() closed[1] = true end })
      pcall(loop)
      after = after + 1
      return f, x
    end))
    assert.equal(0, after)
    assert.same({}, closed)
    assert.equal("closed file", io.type(file))
  end)

  it("ends a recursion without end, whatever catches it", function()
    local function f()
      local _, _, _, _, _, _, _, _ = 1, 2, 3, 4, 5, 6, 7, 8
      return 1 + f()
    end
    for _, runaway in ipairs {
      f, function() pcall(f) loop() end, function() xpcall(f, handler) end,
      function() coroutine.wrap(f)() end, function() slice.call(1 << 40, f) f() end,
    } do
      local ok, trace, message = slice.call(1 << 40, runaway)
      assert.is_false(ok)
      assert.equal("stack overflow", message)
      assert.matches("^spec/core/slice_spec.lua:%d+: stack overflow\nstack traceback:\n", trace)
    end
  end)

  it("ends calls that take more and more arguments", function()
    local function f(...) return f(1, 2, 3, 4, 5, 6, 7, 8, ...) end
    assert.equal("too many arguments", select(3, slice.call(1 << 40, f)))
    local many = {}
    for i = 1, 10000 do many[i] = i end
    assert.same({ true, 10000 }, { slice.call(1 << 40, function()
      return (function(...) return select("#", ...) end)(table.unpack(many))
    end) })
  end)

  -- At Lua's own limit 5.4.7 calls none, and moves the stack twice for each.
  it("loses no finalizer to a recursion without end", function()
    local ended = 0
    collectgarbage "stop"
    local meta = { __gc = coroutine.wrap(function()
      while true do
        ended = ended + 1
        coroutine.yield()
      end
    end) }
    for _ = 1, 100 do setmetatable({}, meta) end
    local function f(n)
      local _, _, _, _ = n, n, n, n
      -- the stack grows no more: the next collection is that of the overflow
      if n == 80000 then collectgarbage "restart" end
      return 1 + f(n + 1)
    end
    assert.matches("stack overflow$", select(3, slice.call(1 << 40, f, 1)))
    collectgarbage "restart"
    collectgarbage()
    assert.equal(100, ended)
  end)

  it("has room for the work that the budget covers, to within a step", function()
    local function count(n) for _ = 1, n do end return n end
    assert.same({ true, N - 2000 }, { slice.call(N, count, N - 2000) })
    assert.is_false(slice.call(N, count, N + 2000))
    assert.same({ true, 1 }, { slice.call(20, count, 1) })
    assert.is_false(slice.call(20, count, 30))
  end)

  it("can be nested: the outer budget covers the inner one", function()
    local ok, _, message = slice.call(N, function()
      while true do slice.call(N // 10, loop) end
    end)
    assert.is_false(ok)
    assert.equal("instruction budget of 100000 spent", message)
    ok, _, message = slice.call(N, function() slice.call(math.maxinteger, loop) end)
    assert.is_false(ok)
    assert.equal("instruction budget of 100000 spent", message)
  end)

  it("refuses a yield", function()
    assert.equal("attempt to yield from outside a coroutine",
      select(3, slice.call(N, coroutine.yield)))
  end)

  it("leaves no hook behind, in coroutines made inside neither", function()
    local inner
    slice.call(N, function()
      inner = coroutine.create(function()
        coroutine.yield()
        for _ = 1, 10 * N do end
        return "end"
      end)
      coroutine.resume(inner)
    end)
    assert.same({ true, "end" }, { coroutine.resume(inner) })
    assert.is_nil(debug.gethook())
    assert.is_nil(debug.gethook(inner))
  end)
end)

describe("slice.resume", function()
  it("passes values in and out at the coroutine's own yields", function()
    local co = coroutine.create(function(a, b)
      local c, d = coroutine.yield(a + b, nil)
      return c, d, nil
    end)
    assert.same({ "wait", 3, nil, n = 3 }, table.pack(slice.resume(co, 1000, nil, 1, 2)))
    assert.same({ "done", "c", "d", nil, n = 4 },
      table.pack(slice.resume(co, 1000, nil, "c", "d")))
    local dead = "cannot resume dead coroutine"
    assert.same({ "error", dead, dead }, { slice.resume(co, 1000) })
  end)

  it("yields an endless loop", function()
    local co = coroutine.create(function() pcall(loop) end)
    for _ = 1, 100 do assert.same({ "sliced" }, { slice.resume(co, 500, nil, "dropped") }) end
    assert.equal(50000, slice.used(co))
    assert.equal("suspended", coroutine.status(co))
  end)

  it("counts over all slices, and ends for good at the budget", function()
    local co = coroutine.create(function()
      coroutine.yield()
      while true do pcall(loop) end
    end)
    assert.equal("wait", (slice.resume(co, 1000, 5000)))
    for _ = 1, 4 do assert.equal("sliced", (slice.resume(co, 1000, 5000))) end
    local how, trace, message = slice.resume(co, 1000, 5000)
    assert.same({ "error", "instruction budget of 5000 spent" }, { how, message })
    assert.matches("slice_spec.lua:%d+: instruction budget of 5000 spent\nstack traceback:", trace)
    assert.equal("dead", coroutine.status(co))
    assert.equal("cannot resume dead coroutine", (select(2, slice.resume(co, 1000, 1e9 // 1 | 0))))
  end)

  for name, runaway in pairs(runaways) do
    it("ends or yields " .. name, function()
      local co = coroutine.create(runaway)
      local how, _, message
      local slices = 0
      repeat
        how, _, message = slice.resume(co, 1000, N)
        slices = slices + 1
      until how ~= "sliced"
      assert.same({ "error", "instruction budget of 100000 spent" }, { how, message })
      assert.is_true(slices <= N / 1000)
    end)
  end

  it("waits where a comparator cannot yield, and yields behind it", function()
    local co = coroutine.create(function()
      table.sort({ 2, 1 }, function(a, b) for _ = 1, 5000 do end return a < b end)
      loop()
    end)
    assert.equal("sliced", (slice.resume(co, 1000)))
    assert.is_true(slice.used(co) > 5000)
  end)

  it("does not take an inner coroutine's slice for its yield", function()
    local co = coroutine.create(function()
      local inner = coroutine.wrap(function()
        for i = 1, 3 do
          for _ = 1, 5000 do end
          coroutine.yield(i)
        end
      end)
      return inner(), inner(), inner()
    end)
    local got
    repeat got = table.pack(slice.resume(co, 100)) until got[1] ~= "sliced"
    assert.same({ "done", 1, 2, 3, n = 4 }, got)
  end)

  it("reports errors with a traceback and closes what was open", function()
    local closed = false
    local co = coroutine.create(function()
      local x <close> = setmetatable({}, { __close = function() closed = true end })
      error("why " .. type(x), 0)
    end)
    local how, trace, message = slice.resume(co, 1000)
    assert.same({ "error", "why table" }, { how, message })
    assert.matches("^why table\nstack traceback:\n\t%[C%]: in function 'error'\n", trace)
    assert.is_true(closed)
  end)

  it("refuses what runs already", function()
    local co
    co = coroutine.create(function() return slice.resume(co, 1000) end)
    local why = "cannot resume non-suspended coroutine"
    assert.same({ "done", "error", why, why }, { slice.resume(co, 1000) })
    assert.same({ "error", why, why }, { slice.resume((coroutine.running()), 1000) })
  end)

  it("forgets coroutines that are collected", function()
    local weak = setmetatable({}, { __mode = "k" })
    for _ = 1, 10 do
      local co = coroutine.create(loop)
      slice.resume(co, 10)
      weak[co] = true
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(weak))
  end)
end)

-- That being sliced, at any instruction, changes nothing about what a program computes.
local slice = require "lunik.core".slice

local programs = {
  function()
    local t = {}
    for i = 1, 50 do t[#t + 1] = i * i // 3 .. ":" end
    return table.concat(t)
  end,
  function(...)
    local function va(...) return select("#", ...), table.unpack { ... } end
    local function g(...) return va(va(...)) end
    return g(1, nil, 3, g(4, ...))
  end,
  function()
    local log = {}
    local meta = { __index = function(_, k) log[#log + 1] = k return k .. "!" end }
    for _, event in ipairs { "add", "sub", "mul", "div", "mod", "pow", "idiv", "band", "bor",
      "bxor", "shl", "shr", "concat", "eq", "lt", "le", "unm", "len", "bnot", "call" } do
      meta["__" .. event] = function(a, b) log[#log + 1] = event return type(a) .. type(b) end
    end
    local a, b = setmetatable({}, meta), setmetatable({}, meta)
    return a + b, a - 1, 2 * a, a / b, a % b, a ^ 2, a // b, a & b, 1 | a, a ~ b, a << 1, a >> b,
      a .. b, a .. "x" .. 1, a == b, a < b, a <= b, a > 1, -a, #a, ~a, a(7), a.foo, a[1],
      table.concat(log, " ")
  end,
  function()
    local log = {}
    local function closing(name)
      return setmetatable({}, { __close = function(_, e)
        for _ = 1, 5 do end
        log[#log + 1] = name .. tostring(e)
      end })
    end
    local function f()
      local a <close>, b = closing "a", 1
      local c <close> = closing "c"
      return b, a ~= c, 3
    end
    local ok, why = pcall(function()
      local d <close> = closing "d"
      error("e" .. type(d), 0)
    end)
    return ok, why, f(), table.concat(log, ",")
  end,
  function()
    local co = coroutine.wrap(function(...)
      local a = ...
      for i = 1, 5 do a = coroutine.yield(a * 2, i) end
      return "end", a
    end)
    local r = {}
    for i = 1, 6 do
      local x, y = co(i)
      r[#r + 1] = tostring(x) .. tostring(y)
    end
    return table.concat(r, ",")
  end,
  function()
    local words = {}
    for w in ("the quick brown fox"):gmatch "%a+" do words[#words + 1] = w:upper():reverse() end
    table.sort(words, function(a, b) return #a < #b or (#a == #b and a < b) end)
    return table.concat(words, "-"), ("hello"):gsub("l", function(c) return c .. c end)
  end,
  function()
    local i, s = 0, 0
    ::top:: i = i + 1 if i < 20 then goto top end
    for k = 10, 1, -3 do s = s + k end
    for x = 1.0, 2.0, 0.25 do s = s + x end
    repeat local z = i i = i - 1 until z < 5
    return i, s, 7 // 2, 7.5 % 2, "10" + 5
  end,
  function()
    local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
    local function tail(n, a) if n == 0 then return a end return tail(n - 1, a + n) end
    return fib(10), tail(100, 0)
  end,
  function()
    local f = {}
    for i = 1, 3 do f[i] = function() i = i + 1 return i end end
    return f[1](), f[1](), f[3](), load "return ..."(4), pcall(pcall, error, 1)
  end,
  function()
    local pairs_of = setmetatable({}, { __pairs = function(t)
      return function(_, k) k = (k or 0) + 1 if k < 6 then return k, k * k end end, t, nil
    end })
    local r = {}
    for k, v in pairs(pairs_of) do r[#r + 1] = k .. v end
    return table.concat(r)
  end,
  function()
    return xpcall(function(...) return (...).y end, function(m) return "handled" .. #m end)
  end,
}

describe("slicing", function()
  for i, program in ipairs(programs) do
    it(("does not change what program %d computes, at any instruction"):format(i), function()
      local expected = table.pack("done", program(3, 4, 5))
      for _, n in ipairs { 1, 2, 3, 5, 7, 13, 50 } do
        local co, slices = coroutine.create(program), 0
        local got = table.pack(slice.resume(co, n, nil, 3, 4, 5))
        while got[1] == "sliced" do
          slices = slices + 1
          got = table.pack(slice.resume(co, n))
        end
        assert.same(expected, got)
        assert.is_true(n > 1 or slices > 20)
      end
    end)
  end
end)

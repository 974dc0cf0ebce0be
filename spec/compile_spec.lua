-- scripts/compile: modules in one file, which do what their text does and tell its lines, without
-- the names of local variables.
local run = require "support.run"
local scratch = require "support.scratch"
local stdio = require "posix.stdio"

-- Constants of each kind, upvalues of each way, functions in functions, lines far apart.
local TEXT = [[
local a, text, long = 1, "short", ("%s")
local function count(...)
  local n <const>, kept = select("#", ...), { 1.5, -3, nil, true, false, "", 1 << 40 }
  for _, each in ipairs { ... } do
    a = a + each
    goto next
    ::next::
  end
  return n, a, function() a = a + 1 return a, kept[1], kept[7], text, #long end
end
%s
return { count = count, fails = function() local gone return gone.field end }
]]

describe("a compiled module", function()
  local dir, chunk, source

  before_each(function()
    dir = scratch.new()
    source = TEXT:format(("x"):rep(300), ("\n"):rep(400))
    scratch.write(dir .. "/one.lua", source)
    local list <close> = assert(io.open(scratch.write(dir .. "/list",
      ("one=%s/one.lua\n"):format(dir))))
    run.output { path = true, argv = { "lua5.4", "scripts/compile", dir .. "/modules" },
                 fds = { [0] = stdio.fileno(list) } }
    local file <close> = assert(io.open(dir .. "/modules", "rb"))
    local places = assert(load(file:read(math.tointeger(file:read "l")), "=", "b"))()
    local first = file:seek()
    file:seek("set", first + (places.one >> 24))
    chunk = file:read(places.one & 0xffffff)
  end)
  after_each(function() scratch.remove(dir) end)

  it("does what its text does", function()
    local function all(from)
      local count = from().count
      local n, sum, fn = count(1, 2, 3)
      return { n, sum, { fn() }, { fn() }, (count()) }
    end
    assert.same(all(assert(load(source))), all(assert(load(chunk, "=one", "b"))))
  end)

  it("tells the lines of its text, and no names", function()
    local fails = load(chunk, "=one", "b")().fails
    local _, why = pcall(fails)
    assert.matches("one%.lua:412: attempt to index a nil value", why)
    assert.is_nil(chunk:find("gone", 1, true) or chunk:find("kept", 1, true))
    assert.truthy(chunk:find("field", 1, true))
  end)
end)

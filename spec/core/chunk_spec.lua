-- What core.chunk promises: a compiled module out of the middle of a file, and nothing else.
local core = require "lunik.core"

describe("chunk.load", function()
  local code = string.dump(function(...) return "loaded", ... end)
  local long = string.dump(assert(load("return {" .. ("'a word',"):rep(9000) .. "}")))
  local file

  before_each(function()
    file = assert(io.tmpfile())
    file:write("before", code, long, "after")
    file:flush()
  end)

  after_each(function() file:close() end)

  it("gives the function that lies at a place", function()
    local f = assert(core.chunk.load(file, 6, #code, "=it"))
    assert.same({ "loaded", 3 }, { f(3) })
  end)

  it("reads one that is longer than a piece", function()
    assert.is_true(#long > 40000)
    assert.equal(9000, #assert(core.chunk.load(file, 6 + #code, #long, "=it"))())
  end)

  it("leaves the file's own place where it was", function()
    file:seek("set", 3)
    assert(core.chunk.load(file, 6, #code, "=it"))
    assert.equal(3, file:seek())
  end)

  it("says that one is cut off, by its size or by the end of the file", function()
    local cut = { nil, "it: bad binary format (truncated chunk)" }
    assert.same(cut, { core.chunk.load(file, 6, #code - 1, "=it") })
    local half = assert(io.tmpfile())
    half:write(long:sub(1, #long // 2))
    half:flush()
    assert.same(cut, { core.chunk.load(half, 0, #long, "=it") })
    half:close()
  end)

  it("takes no text, and no closed file", function()
    local got, why = core.chunk.load(file, 0, 6, "=it")
    assert.is_nil(got)
    assert.matches("attempt to load a text chunk", why)
    local closed = assert(io.tmpfile())
    closed:close()
    assert.error_matches(function() core.chunk.load(closed, 0, 1, "=it") end, "the file is closed")
    assert.error_matches(function() core.chunk.load(file, -1, 1, "=it") end, "not negative")
  end)
end)

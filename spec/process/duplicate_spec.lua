-- Copies of files that a machine gets for its own.
local duplicate = require "lunik.process.duplicate"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("a copy", function()
  local dir
  before_each(function() dir = scratch.new() end)
  after_each(function() scratch.remove(dir) end)

  it("is the same, for its user alone, and has the holes", function()
    local text = "head" .. ("\0"):rep(3 << 20) .. "tail" .. ("\0"):rep(2 << 20)
    assert.is_true(duplicate(scratch.write(dir .. "/a", text), dir .. "/b"))
    assert.equal(text, scratch.read(dir .. "/b"))
    local info = stat.stat(dir .. "/b")
    assert.equal("600", ("%o"):format(info.st_mode & 511))
    assert.is_true(info.st_blocks * 512 < #text - (2 << 20))
  end)

  it("of what is no file is none", function()
    stat.mkdir(dir .. "/folder", 448)
    local ok, why = duplicate(dir .. "/folder", dir .. "/b")
    assert.is_nil(ok)
    assert.matches("is a directory, not a file", why, 1, true)
    ok, why = duplicate(dir .. "/nothing", dir .. "/b")
    assert.is_nil(ok)
    assert.matches("nothing: No such file", why, 1, true)
    assert.same({ "folder" }, scratch.list(dir))
  end)

  it("of nothing is empty", function()
    assert.is_true(duplicate(scratch.write(dir .. "/a", ""), dir .. "/b"))
    assert.equal("", scratch.read(dir .. "/b"))
  end)
end)

-- lunik.core.ram: memory of guests.
local core = require "lunik.core"
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("lunik.core.ram", function()
  local function path(memory) return "/proc/self/fd/" .. memory:fd() end

  it("is a file of that size, which takes no room before somebody writes", function()
    local memory <close> = assert(core.ram.new("lunik-mem", 64 << 20))
    local info = stat.stat(path(memory))
    assert.same({ 64 << 20, 0 }, { info.st_size, info.st_blocks })
    assert.equal("/memfd:lunik-mem (deleted)", unistd.readlink(path(memory)))
  end)

  it("is what it was for as long as somebody has it, once it is sealed", function()
    local memory <close> = assert(core.ram.new("template", 4096, true))
    assert(unistd.write(memory:fd(), "before"))
    assert.is_false(memory:sealed())
    assert(memory:seal())
    assert.is_true(memory:sealed())
    for _, text in ipairs { "after", "\0" } do
      local n, _, code = unistd.write(memory:fd(), text)
      assert.same({ nil, errno.EPERM }, { n, code })
    end
    local other = assert(fcntl.open(path(memory), fcntl.O_RDWR))
    assert.is_nil((unistd.write(other, "after")))
    assert.equal("before", unistd.read(other, 6))
    unistd.close(other)
  end)

  it("is refused where it is none, and where there is not so much", function()
    assert.has_error(function() core.ram.new("a", 0) end)
    assert.has_error(function() core.ram.new("a\0b", 1) end)
    local memory, why, code = core.ram.new(("n"):rep(300), 4096)
    assert.is_nil(memory)
    assert.equal(errno.EINVAL, code)
    assert.truthy(why:find("^memory n+: Invalid argument$"), why)
  end)
end)

-- Sums, and files copied without their holes.
local core = require "lunik.core"
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local PAGE = 4096

-- FIPS 180-4's examples.
local KNOWN = {
  [""] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
  ["abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"] =
    "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
  [("a"):rep(1000000)] = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
}

describe("core.copy", function()
  local dir
  before_each(function() dir = scratch.new() end)
  after_each(function() scratch.remove(dir) end)

  -- A file with texts at their places, holes between them, and as long as `size`.
  local function file(name, texts, size)
    local path = dir .. "/" .. name
    local fd = assert(fcntl.open(path, fcntl.O_RDWR | fcntl.O_CREAT, 384))
    for at, text in pairs(texts) do
      unistd.lseek(fd, at, unistd.SEEK_SET)
      unistd.write(fd, text)
    end
    if size then assert(unistd.ftruncate(fd, size)) end
    return fd, path
  end

  local function sum_of(fd, to)
    local copier <close> = assert(core.copy.new(fd, to))
    repeat
      local more, why = copier:step(PAGE)
      assert.is_nil(why)
    until not more
    return copier:sum()
  end

  it("sums a text up as the standard's examples say, with the processor's instructions and without",
  function()
    for text, sum in pairs(KNOWN) do
      assert.equal(sum, core.copy.sha256(text))
      assert.equal(sum, core.copy.sha256(text, true))
    end
    for length = 1, 300 do
      local text = ("x"):rep(length)
      assert.equal(core.copy.sha256(text, true), core.copy.sha256(text))
    end
  end)

  it("makes a copy that is equal, with holes where there were zeroes", function()
    local from, path = file("from", { [0] = "head", [40 * PAGE] = ("\0"):rep(300 * PAGE),
                                      [500 * PAGE + 17] = "tail" }, 900 * PAGE + 1)
    local to, copied = file("to", {})
    local sum, size, bytes = sum_of(from, to)
    assert.equal(900 * PAGE + 1, size)
    assert.equal(2 * PAGE, bytes)
    assert.equal(scratch.read(path), scratch.read(copied))
    assert.equal(sum, (sum_of(to)))
    assert.is_true(stat.stat(copied).st_blocks * 512 < 20 * PAGE)
  end)

  it("makes the same copy without a sum of what was summed up before", function()
    local from, path = file("from", { [3 * PAGE] = "page", [7 * PAGE + 9] = "tail" }, 9 * PAGE)
    local to, copied = file("to", {})
    local copier <close> = assert(core.copy.new(from, to, true))
    while copier:step(PAGE) do end
    assert.equal(scratch.read(path), scratch.read(copied))
    assert.has_error(function() copier:sum() end)
  end)

  it("gives the sum that its header describes", function()
    local fd = file("from", { [2 * PAGE] = "page" }, 3 * PAGE + 5)
    local page = "page" .. ("\0"):rep(PAGE - 4)
    assert.equal(core.copy.sha256(("<I8"):pack(2) .. page .. ("<I8"):pack(3 * PAGE + 5)),
                 (sum_of(fd)))
  end)

  it("tells zeroes apart by how many there are", function()
    local function sum(...) return (sum_of((file(...)))) end
    assert.not_equal(sum("one", {}, PAGE), sum("two", {}, 2 * PAGE))
    assert.equal(sum("hole", {}, PAGE), sum("zeroes", { [0] = ("\0"):rep(PAGE) }))
  end)

  it("tells a byte that has changed", function()
    local fd = file("from", { [0] = ("x"):rep(9 * PAGE) })
    local before = sum_of(fd)
    unistd.lseek(fd, 5 * PAGE + 1, unistd.SEEK_SET)
    unistd.write(fd, "y")
    assert.not_equal(before, (sum_of(fd)))
  end)

  it("goes on in steps, and has no sum before the last", function()
    local fd = file("from", { [0] = ("x"):rep(300 * PAGE) })
    local copier <close> = core.copy.new(fd)
    assert.is_true(copier:step(1))
    assert.has_error(function() copier:sum() end)
    assert.is_false(copier:step(1 << 30))
    assert.equal(copier:sum(), copier:sum())
  end)

  it("says that a file has become shorter while it was read", function()
    local fd = file("from", { [0] = ("x"):rep(300 * PAGE) })
    local copier <close> = core.copy.new(fd)
    copier:step(1)
    unistd.ftruncate(fd, 65 * PAGE)
    local more, why = copier:step(1 << 30)
    assert.is_nil(more)
    assert.equal("read: the file has become shorter", why)
  end)

  it("says why it could not write", function()
    local from = file("from", { [0] = ("x"):rep(8 * PAGE) })
    local out = run.lua(([[
      local core, fcntl = require "lunik.core", require "posix.fcntl"
      require "posix.signal".signal(25, function() end)
      require "posix.sys.resource".setrlimit(1, { rlim_cur = 4096, rlim_max = 4096 })
      local from = fcntl.open(%q, fcntl.O_RDONLY)
      local to = fcntl.open(%q, fcntl.O_RDWR | fcntl.O_CREAT, 384)
      print(core.copy.new(from, to))
    ]]):format(dir .. "/from", dir .. "/to"), { fds = { [2] = 2 } })
    unistd.close(from)
    assert.equal(("nil\twrite: File too large\t%d\n"):format(errno.EFBIG), out)
  end)

  it("refuses what is no descriptor", function()
    local copier, _, code = core.copy.new(99999)
    assert.is_nil(copier)
    assert.equal(errno.EBADF, code)
  end)
end)

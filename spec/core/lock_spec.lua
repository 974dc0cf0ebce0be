-- What core.lock promises: one holder, free when the last descriptor is closed, however that ends.
local core = require "lunik.core"
local run = require "support.run"
local errno = require "posix.errno"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local take = core.lock.take

-- Whether somebody sleeps in flock on `path`: the kernel lists waiters with an arrow.
local function awaited(path)
  local inode = (":%d "):format(stat.stat(path).st_ino)
  for line in io.lines "/proc/locks" do
    if line:find("->", 1, true) and line:find(inode, 1, true) then return true end
  end
  return false
end

local function until_awaited(path, expected)
  local start = os.time()
  repeat
    if awaited(path) == expected then return true end
  until os.time() > start + 20
  return false
end

local function waiter(path)
  return run.start { argv = { run.interpreter, "-e", ([[
    package.cpath = %q
    local lock, why = require "lunik.core".lock.take(%q, { wait = 60 })
    io.write(lock and "got it" or why)
  ]]):format(package.cpath, path) }, path = true,
    env = { "PATH=" .. os.getenv "PATH",
      "ASAN_OPTIONS=" .. (os.getenv "ASAN_OPTIONS" or "") } }
end

describe("lock.take", function()
  local path

  before_each(function() path = os.tmpname() end)
  after_each(function() os.remove(path) end)

  it("makes the file, private to its user", function()
    os.remove(path)
    local lock <close> = assert(take(path))
    assert.equal(tonumber("600", 8), stat.stat(path).st_mode & 511)
    assert.equal("number", type(lock:fd()))
  end)

  it("answers at once when another holds it, and after closing no more", function()
    local lock = assert(take(path))
    assert.same({ nil, ("lock %s: held by another"):format(path), errno.EWOULDBLOCK },
      { take(path) })
    lock:close()
    lock:close()
    assert(take(path)):close()
    assert.error_matches(function() lock:fd() end, "closed lock", 1, true)
  end)

  it("gives up at the deadline, without a trace", function()
    local lock <close> = assert(take(path))
    local before = run.descriptors()
    assert.equal(errno.EWOULDBLOCK, select(3, take(path, { wait = 0.02 })))
    assert.is_false(awaited(path))
    assert.equal(before, run.descriptors())
    assert.equal("number", type(lock:fd()))
  end)

  it("waits until it is free", function()
    local lock = assert(take(path))
    local child, reader = waiter(path)
    assert.is_true(until_awaited(path, true))
    lock:close()
    assert.equal("got it", run.drain(reader))
    assert.same({ "exited", 0 }, { child:wait(60) })
  end)

  it("stops waiting when the one who asked is killed", function()
    local lock <close> = assert(take(path))
    local child, reader = waiter(path)
    assert.is_true(until_awaited(path, true))
    child:signal(9)
    assert.equal("", run.drain(reader))
    assert.is_true(until_awaited(path, false))
    assert.equal("number", type(lock:fd()))
  end)

  it("is held by whoever inherits the descriptor, for as long as they live", function()
    local lock = assert(take(path))
    local child = assert(core.proc.spawn { argv = { "sleep", "60" }, path = true,
      fds = { [9] = lock:fd() } })
    lock:close()
    assert.equal(errno.EWOULDBLOCK, select(3, take(path)))
    child:signal(9)
    child:wait(60)
    assert(take(path)):close()
  end)

  it("is not passed to programs by itself", function()
    local lock = assert(take(path))
    local child = assert(core.proc.spawn { argv = { "sleep", "60" }, path = true })
    lock:close()
    assert(take(path)):close()
    child:signal(9)
    child:wait(60)
  end)

  it("locks the file that is there, not one that was removed meanwhile", function()
    local lock = assert(take(path))
    local child, reader = waiter(path)
    assert.is_true(until_awaited(path, true))
    os.remove(path)
    local new <close> = assert(take(path))
    lock:close()                                -- the waiter gets it, sees, and asks again
    assert.is_true(until_awaited(path, true))
    new:close()
    assert.equal("got it", run.drain(reader))
    child:wait(60)
  end)

  it("follows no symbolic link and makes no folder", function()
    local link = path .. ".link"
    unistd.link(path, link, true)
    assert.equal(errno.ELOOP, select(3, take(link)))
    os.remove(link)
    assert.same({ nil, "lock /no/such: No such file or directory", errno.ENOENT },
      { take "/no/such" })
  end)
end)

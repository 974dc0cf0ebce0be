-- What core.chan promises: lines, deadlines, and descriptors that never leak.
local chan = require "lunik.core".chan
local dirent = require "posix.dirent"
local errno = require "posix.errno"
local fcntl = require "posix.fcntl"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

local function open_descriptors()
  collectgarbage()
  local n = 0
  for _ in dirent.files("/proc/self/fd") do n = n + 1 end
  return n
end

describe("chan", function()
  local dir, opened

  -- both ends, closed after the case
  local function pair()
    local a, b = chan.pair()
    opened = { a, b }
    return a, b
  end

  before_each(function() dir = stdlib.mkdtemp("/tmp/lunik-chan-XXXXXX") end)
  after_each(function()
    for _, c in ipairs(opened or {}) do c:close() end
    opened = nil
    for name in dirent.files(dir) do
      if not name:match "^%.%.?$" then os.remove(dir .. "/" .. name) end
    end
    unistd.rmdir(dir)
  end)

  it("hands out lines without their ends, and keeps what follows", function()
    local a, b = pair()
    assert(a:send "one\r\ntwo\n\nthr")
    assert.equal("one", b:receive(1))
    assert.equal("two", b:receive(1))
    assert.equal("", b:receive(1))
    local line, why, code = b:receive(0)
    assert.is_nil(line)
    assert.equal("receive: nothing came in time", why)
    assert.equal(errno.ETIMEDOUT, code)
    assert(a:send "ee\n")
    assert.equal("three", b:receive(1))
  end)

  it("finds a line in bytes that come one at a time", function()
    local a, b = pair()
    for byte in ("grüße\0\r\r\n"):gmatch "." do
      assert.equal(errno.ETIMEDOUT, select(3, b:receive(0)))
      assert(a:send(byte))
    end
    assert.equal("grüße\0\r", b:receive(1))
  end)

  it("refuses a line over the limit and consumes nothing of it", function()
    local a, b = pair()
    assert(a:send "12345\r\n123456")
    assert.equal("12345", b:receive(0, 5))
    local line, why, code = b:receive(0, 4)
    assert.is_nil(line)
    assert.equal("receive: line over 4 bytes", why)
    assert.equal(errno.EMSGSIZE, code)
    assert.equal("123456", b:read(100, 0))
  end)

  it("carries more than the socket holds, both ways of reading it", function()
    local a, b = pair()
    local sent, got = 0, {}
    local block = ("x"):rep(65535) .. "\n"
    while a:send(block, 0) do sent = sent + 1 end
    for i = 1, sent // 2 do assert.equal(#block - 1, #b:receive(1, 1 << 20), i) end
    repeat
      local bytes = b:read(1000, 0)
      got[#got + 1] = bytes
    until not bytes
    assert.equal(block, table.concat(got):sub(1, #block))
  end)

  it("gives up a send that nobody reads at its deadline", function()
    local a, b = pair()
    local ok, why, code = a:send(("x"):rep(1 << 24), 0.01)
    assert.is_nil(ok)
    assert.equal("send: peer does not read in time", why)
    assert.equal(errno.ETIMEDOUT, code)
    assert.is_truthy(b:fd())
  end)

  it("says closed by peer, after the last bytes, and takes no signal", function()
    local a, b = pair()
    assert(a:send "last\npart")
    a:close()
    assert.equal("last", b:receive(1))
    local line, why, code = b:receive(1)
    assert.is_nil(line)
    assert.equal("receive: closed by peer within a line", why)
    assert.equal(errno.EPIPE, code)
    assert.equal("part", b:read(10))
    assert.equal("receive: closed by peer", select(2, b:read(10)))
    assert.equal(errno.EPIPE, select(3, b:send "x"))
  end)

  it("takes a reset for a close", function()
    local a, b = pair()
    assert(b:send "unread")
    a:close()
    assert.equal(errno.EPIPE, select(3, b:receive(1)))
  end)

  it("reads an end after shutdown and can still answer", function()
    local a, b = pair()
    assert(a:shutdown())
    assert.equal(errno.EPIPE, select(3, b:receive(1)))
    assert(b:send "answer\n")
    assert.equal("answer", a:receive(1))
  end)

  it("connects, accepts, and gives the socket its mode from the start", function()
    local path = dir .. "/s"
    local server <close> = assert(chan.listen(path, { mode = 6 * 64 + 6 * 8 + 6, backlog = 2 }))
    assert.equal(6 * 64 + 6 * 8 + 6, stat.stat(path).st_mode % 512)
    assert.equal(errno.ETIMEDOUT, select(3, server:accept(0)))
    local client <close> = assert(chan.connect(path, 1))
    local peer <close> = assert(server:accept(1))
    assert(client:send "hello\n")
    assert.equal("hello", peer:receive(1))
  end)

  it("knows the user at the other end", function()
    local a = pair()
    assert.equal(unistd.geteuid(), a:user())
    a:close()
    assert.has_error(function() a:user() end)
  end)

  it("makes a private socket unless told otherwise", function()
    local server <close> = assert(chan.listen(dir .. "/s"))
    assert.equal(6 * 64, stat.stat(dir .. "/s").st_mode % 512)
    assert.is_truthy(server:fd())
  end)

  it("says what it connected to, and why not", function()
    local c, why, code = chan.connect(dir .. "/none", 1)
    assert.is_nil(c)
    assert.equal("connect " .. dir .. "/none: No such file or directory", why)
    assert.equal(errno.ENOENT, code)
    chan.listen(dir .. "/stale"):close()
    assert.equal(errno.ECONNREFUSED, select(3, chan.connect(dir .. "/stale", 1)))
    assert.equal(errno.EADDRINUSE, select(3, chan.listen(dir .. "/stale")))
  end)

  it("waits no longer than told where nobody accepts", function()
    local server <close> = assert(chan.listen(dir .. "/s", { backlog = 0 }))
    local queued = {}
    local why, code
    repeat
      queued[#queued + 1], why, code = chan.connect(dir .. "/s", 0.01)
    until code
    assert.equal(errno.ETIMEDOUT, code)
    assert.equal("connect " .. dir .. "/s: nobody accepts in time", why)
    assert.equal(errno.ETIMEDOUT, select(3, chan.connect(dir .. "/s", 0)))
    server:accept(1):close()
    assert(chan.connect(dir .. "/s", 1)):close()
    for _, c in ipairs(queued) do c:close() end
  end)

  it("uses paths longer than a socket address", function()
    local long = dir .. "/" .. ("d"):rep(200)
    assert(stat.mkdir(long))
    local server = assert(chan.listen(long .. "/s"))
    local client = assert(chan.connect(long .. "/s", 1))
    local peer = assert(server:accept(1))
    assert(peer:send "ok\n")
    assert.equal("ok", client:receive(1))
    local _, why, code = chan.listen(long .. "/" .. ("n"):rep(100))
    assert.equal(errno.ENAMETOOLONG, code)
    assert.matches("name too long", why)
    assert.equal(errno.ENOENT, select(3, chan.connect(long .. "/x/s", 1)))
    for _, c in ipairs { server, client, peer } do c:close() end
    os.remove(long .. "/s")
    os.remove(long)
  end)

  describe("with descriptors", function()
    local null
    before_each(function() null = fcntl.open("/dev/null", fcntl.O_RDONLY) end)
    after_each(function() unistd.close(null) end)

    it("passes them with a line, closed at exec", function()
      local a, b = pair()
      assert(a:send("take\n", 1, { null, null }))
      local line, fds = b:receive(1, nil, 2)
      assert.equal("take", line)
      assert.equal(2, #fds)
      for _, fd in ipairs(fds) do
        assert.equal(fcntl.FD_CLOEXEC, fcntl.fcntl(fd, fcntl.F_GETFD))
        assert.is_true(stat.S_ISCHR(stat.fstat(fd).st_mode) ~= 0)
        unistd.close(fd)
      end
    end)

    it("gives them to the line they came with, not to one read with it", function()
      local a, b = pair()
      assert(a:send "first\n")
      assert(a:send("second\n", 1, { null }))
      assert.same({ "first" }, { b:receive(1, nil, 4) })
      local line, fds = b:receive(1, nil, 4)
      assert.equal("second", line)
      unistd.close(fds[1])
    end)

    it("closes what was not asked for", function()
      local a, b = pair()
      local before = open_descriptors()
      for wanted = 0, 3 do
        assert(a:send("x\n", 1, { null, null, null, null, null }))
        local _, fds = b:receive(1, nil, wanted)
        assert.equal(wanted, fds and #fds or 0)
        for _, fd in ipairs(fds or {}) do unistd.close(fd) end
      end
      assert.equal(before, open_descriptors())
    end)

    it("closes those that nobody fetched", function()
      local before = open_descriptors()
      local a, b = pair()
      assert(a:send("no line yet", 1, { null, null }))
      assert.equal(errno.ETIMEDOUT, select(3, b:receive(0, nil, 2)))
      assert.equal(before + 4, open_descriptors())
      a:close()
      b:close()
      assert.equal(before, open_descriptors())
    end)

    it("fails a send of a descriptor that is not one", function()
      local a, b = pair()
      assert.equal(errno.EBADF, select(3, a:send("x", 1, { 9999 })))
      assert.has_error(function() a:send("x", 1, { "no" }) end)
      assert.has_error(function() a:send("", 1, { null }) end)
      assert.equal(errno.ETIMEDOUT, select(3, b:read(1, 0)))
    end)
  end)

  it("owns an adopted descriptor until it is released", function()
    local a, b = pair()
    local fd = b:release()
    assert.has_error(function() b:fd() end)
    local c = chan.adopt(fd)
    assert.equal(fd, c:fd())
    assert(a:send "line\nmore")
    assert.equal("line", c:receive(1))
    assert.equal(errno.EBUSY, select(3, c:release()))
    assert.equal("more", c:read(10))
    c:close()
    c:close()
    assert.is_nil(fcntl.fcntl(fd, fcntl.F_GETFD))
    assert.equal(errno.EBADF, select(3, chan.adopt(fd)))
  end)

  it("knows an adopted listening socket", function()
    local fd = assert(chan.listen(dir .. "/s")):release()
    local server <close> = chan.adopt(fd)
    local client <close> = assert(chan.connect(dir .. "/s", 1))
    local peer <close> = assert(server:accept(1))
    assert(client:fd() ~= peer:fd())
    assert.has_error(function() server:receive(0) end)
    assert.has_error(function() client:accept(0) end)
  end)

  it("leaves no descriptor behind when opening fails", function()
    local before = open_descriptors()
    for _ = 1, 10 do
      chan.connect(dir .. "/none", 0)
      chan.listen(dir .. "/no/such")
      chan.listen(dir .. "/" .. ("n"):rep(300))
      chan.connect(dir .. ("/d"):rep(200), 0)
    end
    assert.equal(before, open_descriptors())
  end)
end)

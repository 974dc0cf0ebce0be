-- User namespaces without processes, and the id maps that lunik writes for them.
local core = require "lunik.core"
local idmap = require "lunik.process.idmap"
local run = require "support.run"
local stat = require "posix.sys.stat"

-- Whoever inherits a process may be late to reap it.
local function exists(pid)
  local file = io.open("/proc/" .. pid .. "/stat")
  if not file then return false end
  local _ <close> = file
  return not (file:read "a" or ""):find "%) Z "
end

describe("a user namespace", function()
  it("is there until it is let go of", function()
    local before = run.descriptors()
    local ns = assert(core.userns.open())
    local pid = ns:pid()
    assert.is_true(exists(pid))
    assert.not_equal(stat.stat("/proc/self/ns/user").st_ino,
                     stat.stat("/proc/self/fd/" .. ns:fd()).st_ino)
    ns:close()
    ns:close()
    assert.is_false(exists(pid))
    assert.equal(before, run.descriptors())
    assert.error_matches(function() ns:pid() end, "closed userns", 1, true)
  end)

  it("goes with whoever forgets it, and with its maker", function()
    local pid = core.userns.open():pid()
    collectgarbage()
    collectgarbage()
    assert.is_false(exists(pid))
    local text = run.lua [[
      local ns = require "lunik.core".userns.open()
      print(ns:pid())
      require "posix.signal".kill(require "posix.unistd".getpid(), 9)
    ]]
    pid = math.tointeger(text)
    for _ = 1, 100 do
      if not exists(pid) then break end
      require "posix.time".nanosleep { tv_sec = 0, tv_nsec = 10000000 }
    end
    assert.is_false(exists(pid))
  end)
end)

describe("the process of a user namespace", function()
  local script = [[
    local core = require "lunik.core"
    local near, far = core.chan.pair()
    local lock = assert(core.lock.take(%q))
    local ns = assert(core.userns.open())
    lock:close()
    near:close()
    print((select(2, far:read(1, 5))))
    print(core.lock.take(%q) ~= nil)
    print(ns:fd() > 0)
  ]]

  it("holds no descriptor of its maker's", function()
    local path = os.tmpname()
    local text = script:format(path, path)
    local expected = "receive: closed by peer\ntrue\ntrue\n"
    assert.equal(expected, (run.lua(text)))
    local shim = os.tmpname()
    assert(os.execute("cc -shared -fPIC -o " .. shim .. " spec/support/enosys.c"))
    assert.equal(expected, (run.lua(text, { preload = shim })))
    os.remove(shim)
    os.remove(path)
  end)
end)

describe("an id map", function()
  -- Who `id` is, seen through lines of "inside outside count".
  local function through(lines, id)
    for _, line in ipairs(lines) do
      if id >= line[1] and id < line[1] + line[3] then return line[2] + id - line[1] end
    end
  end

  local LAST = 0xfffffffe

  it("lets two change places, and nobody else", function()
    for _, pair in ipairs { { 0, 1000 }, { 1000, 0 }, { 5, 6 }, { 6, 5 }, { 0, LAST }, { 7, 7 },
                            { LAST - 1, LAST } } do
      local a, b = pair[1], pair[2]
      local lines = idmap.swapped(a, b)
      assert.equal(b, through(lines, a))
      assert.equal(a, through(lines, b))
      for _, other in ipairs { 1, 3, 999, 1001, 65534, LAST - 2 } do
        if other ~= a and other ~= b then assert.equal(other, through(lines, other)) end
      end
      assert.is_nil(through(lines, LAST + 1))
    end
  end)

  it("puts a range around its user", function()
    local range = { first = 100000, count = 65536 }
    assert.same({ { 0, 1000, 1 }, { 1, 100000, 65536 } }, idmap.ranged(1000, 0, range))
    assert.same({ { 0, 100000, 50 }, { 50, 1000, 1 }, { 51, 100050, 65486 } },
                idmap.ranged(1000, 50, range))
    assert.same({ { 0, 100000, 65536 }, { 70000, 1000, 1 } }, idmap.ranged(1000, 70000, range))
  end)

  it("reads owners", function()
    assert.same({ 1000, 100 }, { idmap.owner "1000:100" })
    assert.same({ 0, 0 }, { idmap.owner(nil) })
  end)
end)

-- The process that keeps the memory of a saved machine while it is forked: forks after the first
-- read nothing, and its death, or a liar in its place, costs a reading.
local core = require "lunik.core"
local fcntl = require "posix.fcntl"
local house = require "support.house"
local mode = require "lunik.system.mode"
local scratch = require "support.scratch"
local signal = require "posix.signal"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("the holder of a saved machine", function()
  local home, file
  setup(function()
    home = house.new()
    home:does("up", home:small("m", "agent {}, hotplug { ports = 2 }"))
    home:does("exec", "m", "--", "sh", "-c", "echo nonce-4711 >/run/nonce")
    home:does("save", "m", "m.saved")
    file = home.dir .. "/m.saved/memory"
  end)
  teardown(function() home:close() end)

  local READ = "its memory is read and held against its sums: %d+M\n"

  local function held() return home:json("templates", "--json").held[1] end

  -- Kills it, and waits for its end: until then it has its lock.
  local function kill()
    local proc <close> = assert(core.proc.open(held().pid))
    proc:signal(signal.SIGKILL)
    assert.is_truthy(proc:wait(60))
  end

  -- A clone, which is seen and ends: what fork said.
  local function fork(...)
    local _, said = home:does("fork", "m.saved", "--as", "clone", ...)
    assert.equal("nonce-4711\n", (home:does("exec", "clone", "--", "cat", "/run/nonce")))
    home:does("down", "--force", "clone")
    return said
  end

  -- Changes a byte of the file in which the memory was saved, or back.
  local function turn_byte()
    local fd = assert(fcntl.open(file, fcntl.O_RDWR))
    local at = unistd.lseek(fd, 0, 3)                  -- SEEK_DATA
    local byte = unistd.read(fd, 1):byte()
    unistd.lseek(fd, at, unistd.SEEK_SET)
    unistd.write(fd, string.char(byte ~ 255))
    unistd.close(fd)
  end

  it("is started by the first fork, and has the memory for all others", function()
    assert.truthy(fork("--memory", "private"):find(READ))
    local first = held()
    assert.equal(home.dir .. "/m.saved", first.folder)
    assert.truthy(first.bytes > 1 << 20 and first.left <= 60)
    local table = home:does "templates"
    assert.truthy(table:find(("m.saved: the memory of this saved machine is held for forks: "),
                             1, true), table)

    -- what lies on the disk is not looked at any more
    turn_byte()
    assert.falsy(fork("--memory", "private"):find(READ))
    assert.falsy(fork("--memory", "copied"):find(READ))
    assert.equal(first.pid, held().pid)

    kill()
    for _, memory in ipairs { "private", "copied" } do
      local status, _, why = home:lunik("fork", "m.saved", "--as", "clone", "--memory", memory)
      assert.is_true(status ~= 0)
      assert.truthy(why:find("memory: is damaged (its sum is another)", 1, true), why)
    end
    turn_byte()
    assert.truthy(fork("--memory", "copied"):find(READ))
    assert.falsy(fork("--memory", "private"):find(READ))
  end)

  -- A fork that asks whoever is there in the holder's place, which `answer(chan)` does: it goes on.
  local function instead(answer)
    if not held() then fork() end
    kill()
    local path
    for _, name in ipairs(scratch.list(home.dir .. "/run/lunik")) do
      if name:find "^%.held%-.*%.sock$" then path = ("%s/run/lunik/%s"):format(home.dir, name) end
    end
    unistd.unlink(path)
    local listening <close> = assert(core.chan.listen(path, { mode = mode.file }))
    local one = home:start({}, "fork", "m.saved", "--as", "clone", "--memory", "private")
    local chan <close> = assert(listening:accept(60))
    assert.equal("memory", chan:receive(60, 100))
    answer(chan)
    one:expect(READ)
    one:expect "clone: up\n"
    assert.equal("nonce-4711\n", (home:does("exec", "clone", "--", "cat", "/run/nonce")))
    home:does("down", "--force", "clone")
  end

  it("costs a reading when it dies while somebody waits for it", function()
    instead(function(chan) chan:close() end)
  end)

  it("is not believed where what it gives could be written to, or has another size", function()
    local size = stat.stat(file).st_size
    local open <close> = assert(core.ram.new("liar", size, true))
    instead(function(chan) chan:send("+", 10, { open:fd() }) end)
    local short <close> = assert(core.ram.new("liar", size // 2, true))
    assert(short:seal())
    instead(function(chan) chan:send("+", 10, { short:fd() }) end)
  end)

  it("ends when nobody has forked for so long", function()
    if held() then kill() end
    local alone = home:start({}, "hold", home.dir .. "/m.saved", "1")
    assert.same({ "exited", 0 }, { alone:wait() })
    assert.is_nil(held())
    assert.same({}, home:runtime())
  end)
end)

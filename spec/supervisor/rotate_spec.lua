-- Logs kept below a size while others hold them open.
local fcntl = require "posix.fcntl"
local loop = require "lunik.async.loop"
local rotate = require "lunik.supervisor.rotate"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("rotate", function()
  local dir, path, told
  before_each(function()
    dir, told = scratch.new(), {}
    path = dir .. "/qemu.log"
  end)
  after_each(function() scratch.remove(dir) end)

  -- Runs `fn(loop, rotate)` beside a rotate that watches `path`.
  local function rotating(size, fn)
    local l <close> = loop.new()
    l:run(function()
      local logs = rotate.new(l, { size = size,
        tell = function(kind, text) told[#told + 1] = kind .. ": " .. text end })
      logs:add(path)
      local task = l:spawn("rotate", logs.work, logs)
      fn(l, logs)
      task:cancel()
      logs:close()
    end)
  end

  local function size(of)
    local found = stat.stat(of or path)
    return found and found.st_size
  end

  -- Lets the rotating task go until `holds` does; every turn of the loop is a turn of it.
  local function settle(l, holds)
    local ends = l.now() + 10
    repeat l:pass() until holds() or l.now() > ends
    assert.is_true(holds())
  end

  local function writer()
    return fcntl.open(path, fcntl.O_WRONLY | fcntl.O_APPEND | fcntl.O_CREAT, 384)
  end

  it("leaves what is small alone, and makes what is missing", function()
    rotating(100, function(l)
      assert.equal(0, size())
      local fd = writer()
      unistd.write(fd, ("x"):rep(100))
      for _ = 1, 20 do l:pass() end
      unistd.close(fd)
    end)
    assert.same({ 100, nil }, { size(), size(path .. ".1") })
  end)

  it("watches nothing any more once it is closed, whatever comes or goes then", function()
    rotating(100, function(_, logs)
      logs:close()
      local before = run.descriptors()
      logs:remove(path)
      logs:add(dir .. "/late.log")
      logs:close()
      assert.equal(before, run.descriptors())
    end)
    assert.same({}, told)
    assert.is_nil(size(dir .. "/late.log"))
  end)

  it("keeps what is too long in a second file, and goes on in the first", function()
    rotating(100, function(l)
      local fd = writer()
      unistd.write(fd, ("x"):rep(101))
      settle(l, function() return size() == 0 end)
      unistd.write(fd, "after")
      unistd.close(fd)
    end)
    assert.same({ "after", ("x"):rep(101) }, { scratch.read(path), scratch.read(path .. ".1") })
    assert.same({ "qemu.log", "qemu.log.1" }, scratch.list(dir))
    assert.same({}, told)
  end)

  it("replaces the second file, so that two is all there ever are", function()
    rotating(10, function(l)
      local fd = writer()
      for i = 1, 5 do
        unistd.write(fd, (("%d"):format(i)):rep(11))
        settle(l, function() return size() == 0 end)
      end
      unistd.close(fd)
    end)
    assert.equal(("5"):rep(11), scratch.read(path .. ".1"))
    assert.same({ "qemu.log", "qemu.log.1" }, scratch.list(dir))
  end)

  it("lets others run while it copies much", function()
    rotating(1 << 20, function(l)
      local fd = writer()
      local turns = 0
      for _ = 1, 80 do unistd.write(fd, ("x"):rep(1 << 16)) end
      unistd.close(fd)
      settle(l, function()
        turns = turns + 1
        return size() == 0
      end)
      assert.is_true(turns > 40, turns)
    end)
    assert.equal(80 << 16, size(path .. ".1"))
  end)

  it("makes a log empty even where it cannot be kept, and says so", function()
    rotating(10, function(l)
      stat.mkdir(path .. ".1.tmp", 448)
      local fd = writer()
      unistd.write(fd, ("x"):rep(11))
      settle(l, function() return size() == 0 end)
      unistd.close(fd)
    end)
    unistd.rmdir(path .. ".1.tmp")
    assert.equal(1, #told)
    assert.matches("^problem: log " .. path .. ": what was in it is lost: ", told[1])
  end)
end)

-- Logs found, their ends read, and followed.
local logs = require "lunik.supervisor.logs"
local loop = require "lunik.async.loop"
local rotate = require "lunik.supervisor.rotate"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("logs", function()
  local dir
  before_each(function() dir = scratch.new() end)
  after_each(function() scratch.remove(dir) end)

  local function write(name, text, mode)
    local file <close> = assert(io.open(dir .. "/" .. name, mode or "ab"))
    file:write(text)
  end

  local function names(list)
    local out = {}
    for i, log in ipairs(list) do out[i] = log.source .. ":" .. log.name end
    return out
  end

  it("are found by what their files are called", function()
    for _, name in ipairs { "console.log", "qemu.log", "fs-b.log", "fs-a.log", "supervisor.log",
                            "machine.json", "qemu.log.1" } do
      write(name, "")
    end
    assert.same({ "supervisor:supervisor", "qemu:qemu", "helpers:fs-a", "helpers:fs-b",
                  "serial:serial" }, names(logs.list(dir)))
    assert.same({ "helpers:fs-a", "helpers:fs-b" }, names(logs.list(dir, "helpers")))
    assert.same({}, logs.list(dir .. "/none"))
  end)

  it("show their last lines, older ones from the file that was put away", function()
    write("qemu.log.1", "1\n2\n3\n")
    write("qemu.log", "4\n5")
    local log = logs.list(dir)[1]
    assert.same({ "5" }, logs.tail(log, 1))
    assert.same({ "3", "4", "5" }, logs.tail(log, 3))
    assert.same({ "1", "2", "3", "4", "5" }, logs.tail(log, 9))
    assert.same({}, logs.tail(log, 0))
  end)

  it("show the end of what is long", function()
    local lines = {}
    for i = 1, 50000 do lines[i] = ("line %d"):format(i) end
    write("qemu.log", table.concat(lines, "\n") .. "\n")
    assert.same({ "line 49999", "line 50000" }, logs.tail(logs.list(dir)[1], 2))
  end)

  it("are looked through at their end only, however large they are", function()
    write("qemu.log", "first\n")
    local fd = require "posix.fcntl".open(dir .. "/qemu.log", 1)
    unistd.ftruncate(fd, 1 << 40)
    unistd.close(fd)
    write("qemu.log", "\nlast\n")
    local lines = logs.tail(logs.list(dir)[1], 3)
    assert.same({ 2, "last" }, { #lines, lines[2] })
  end)

  it("have lines that come in pieces where they are followed and have no end", function()
    local l <close> = loop.new()
    l:run(function()
      local seen, enough = 0, l:latch()
      local follower = assert(logs.follow(l, dir, nil, 0, function(_, line)
        seen = seen + #line
        if seen >= 3 << 20 then enough:set(true) end
      end))
      l:spawn("follow", follower.work, follower)
      write("qemu.log", ("x"):rep(4 << 20))
      assert.is_true(enough:wait(60))
    end)
  end)

  it("are followed while they grow, are made empty, and appear", function()
    write("qemu.log", "before\n")
    local l <close> = loop.new()
    l:run(function()
      local seen, more = {}, l:condition()
      local follower = assert(logs.follow(l, dir, nil, 0, function(log, line)
        seen[#seen + 1] = log.name .. " " .. line
        more:fire(true)
      end))
      l:spawn("follow", follower.work, follower)
      local function expect(...)
        local wanted = { ... }
        while #seen < #wanted do assert(more:wait(60)) end
        assert.same(wanted, seen)
        seen = {}
      end
      write("qemu.log", "one\ntw")
      expect "qemu one"
      write("qemu.log", "o\n")
      expect "qemu two"
      unistd.truncate(dir .. "/qemu.log", 0)
      write("qemu.log", "3\n")
      expect "qemu 3"
      write("fs-x.log", "new\n")
      expect "fs-x new"
    end)
  end)

  -- Follows from `count` lines on while `fn(start)` goes on: what was seen up to `last`.
  local function followed(count, last, fn)
    local l <close> = loop.new()
    local seen = {}
    l:run(function()
      local enough = l:latch()
      local follower = assert(logs.follow(l, dir, nil, count, function(_, line)
        seen[#seen + 1] = line
        if line == last then enough:set(true) end
      end))
      fn(l, function() l:spawn("follow", follower.work, follower) end)
      assert.is_true(enough:wait(60), table.concat(seen, " "))
      follower:finish()
    end)
    return seen
  end

  it("lose no line between their end and what follows it, and show none twice", function()
    write("qemu.log.1", "1\n2\n")
    write("qemu.log", "3\n4\n5\n6\nsev")
    assert.same({ "5", "6", "seven", "8", "9", "unended" }, followed(2, "9", function(_, start)
      write("qemu.log", "en\n8\n")
      start()
      write("qemu.log", "9\nunended")
    end))
  end)

  it("are followed from their last lines where there are fewer", function()
    write("qemu.log.1", "1\n2\nth")
    write("qemu.log", "ree\n4\n")
    assert.same({ "2", "three", "4", "5" }, followed(3, "5", function(_, start)
      start()
      write("qemu.log", "5\n")
    end))
  end)

  it("lose no line where one is rotated away before it is read", function()
    write("qemu.log.1", "old\n")
    write("qemu.log", "1\n2\n")
    local wanted = { "2" }
    assert.same(wanted, followed(1, "last", function(l, start)
      local rotating = rotate.new(l, { size = 100 })
      rotating:add(dir .. "/qemu.log")
      local task = l:spawn("rotate", rotating.work, rotating)
      for i = 3, 60 do
        wanted[#wanted + 1] = ("line %d"):format(i)
        write("qemu.log", wanted[#wanted] .. "\n")
      end
      write("qemu.log", "part")
      local ends = l.now() + 10
      while stat.stat(dir .. "/qemu.log").st_size > 0 and l.now() < ends do l:pass() end
      task:cancel()
      rotating:close()
      write("qemu.log", "ed\nlast\n")
      table.move({ "parted", "last" }, 1, 2, #wanted + 1, wanted)
      start()
    end))
  end)
end)

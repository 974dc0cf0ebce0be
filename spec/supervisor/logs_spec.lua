-- Logs found, their ends read, and followed.
local logs = require "lunik.supervisor.logs"
local loop = require "lunik.async.loop"
local scratch = require "support.scratch"
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
      local follower = assert(logs.follow(l, dir, nil, function(_, line)
        seen = seen + #line
        if seen >= 3 << 20 then enough:set(true) end
      end))
      l:spawn("follow", follower.work, follower)
      write("qemu.log", ("x"):rep(4 << 20))
      assert.is_true(enough:wait(20))
    end)
  end)

  it("are followed while they grow, are made empty, and appear", function()
    write("qemu.log", "before\n")
    local l <close> = loop.new()
    l:run(function()
      local seen, more = {}, l:condition()
      local follower = assert(logs.follow(l, dir, nil, function(log, line)
        seen[#seen + 1] = log.name .. " " .. line
        more:fire(true)
      end))
      l:spawn("follow", follower.work, follower)
      local function expect(...)
        local wanted = { ... }
        while #seen < #wanted do assert(more:wait(10)) end
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
end)

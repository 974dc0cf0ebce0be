-- Processes that a machine left: only its own are ever touched.
local core = require "lunik.core"
local loop = require "lunik.async.loop"
local orphans = require "lunik.process.orphans"
local scratch = require "support.scratch"

describe("what a machine left", function()
  local started
  before_each(function() started = {} end)
  after_each(function()
    for _, proc in ipairs(started) do
      proc:signal_group(9)
      proc:wait(60)
      proc:close()
    end
  end)

  local function start(id, part, argv)
    local proc = assert(core.proc.spawn { argv = argv or { "sleep", "600" }, path = true,
      group = true, env = { "LUNIK_ID=" .. id, "LUNIK_PART=" .. part } })
    started[#started + 1] = proc
    return proc
  end

  local function id() return ("spec%016x"):format(math.random(0)) end

  it("is found by the id in its environment, with its part", function()
    local mine, other = id(), id()
    local qemu, helper = start(mine, "qemu"), start(mine, "fs-work")
    start(other, "qemu")
    local found = orphans.find(mine)
    assert.equal(2, #found)
    local by_part = {}
    for _, one in ipairs(found) do
      by_part[one.part] = one.pid
      assert.is_true(one.leads)
      one.proc:close()
    end
    assert.same({ qemu = qemu:pid(), ["fs-work"] = helper:pid() }, by_part)
  end)

  it("is ended, whether or not it hears SIGTERM, and nobody else is", function()
    local mine, other = id(), id()
    local bystander = start(other, "qemu")
    start(mine, "qemu")
    local reader, writer = core.chan.pair()
    started[#started + 1] = assert(core.proc.spawn { path = true, group = true,
      fds = { [1] = writer:fd() }, env = { "LUNIK_ID=" .. mine, "LUNIK_PART=stubborn" },
      argv = { "sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done" } })
    writer:close()
    assert.equal("ready", (reader:receive(10)))
    local l <close> = loop.new()
    l:run(function() assert(orphans.finish(l, mine)) end)
    assert.same({}, orphans.find(mine))
    assert.is_nil((bystander:wait(0)))
  end)

  it("does not take a number that is somebody else's by now for its own", function()
    local stranger = start(id(), "qemu")
    assert.is_nil((orphans.open(stranger:pid(), id())))
    local gone = start(id(), "qemu")
    gone:signal(9)
    gone:wait(60)
    assert.is_nil((orphans.open(gone:pid(), id())))
  end)

  it("knows who has a file open, as who holds a lock has", function()
    local dir = scratch.new()
    local lock = assert(core.lock.take(dir .. "/lock"))
    local self = require "posix.unistd".getpid()
    assert.is_true(orphans.has_open(self, dir .. "/lock"))
    lock:close()
    assert.is_false(orphans.has_open(self, dir .. "/lock"))
    assert.is_false(orphans.has_open(1 << 22, dir .. "/lock"))
    scratch.remove(dir)
  end)
end)

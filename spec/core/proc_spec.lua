-- What a proc promises: it is that process and no other, and only a child of ours is ever reaped.
local core = require "lunik.core"
local run = require "support.run"
local errno = require "posix.errno"
local poll = require "posix.poll"
local signal = require "posix.signal"
local unistd = require "posix.unistd"

local spawn = core.proc.spawn

local function output(argv, options)
  options = options or {}
  options.argv, options.path = argv, true
  return run.output(options)
end

local function sleeper(options)
  options = options or {}
  options.argv, options.path = { "sleep", "60" }, true
  return assert(spawn(options))
end

describe("a proc", function()
  it("remembers its end", function()
    local child = sleeper()
    assert.is_true(child:signal(15))
    assert.same({ "killed", 15 }, { child:wait(60) })
    assert.same({ "killed", 15 }, { child:wait(0) })
    local why = ("signal 9 to process %d: No such process"):format(child:pid())
    assert.same({ nil, why, errno.ESRCH }, { child:signal(9) })
    assert.equal(errno.ESRCH, select(3, child:signal_group(9)))
  end)

  it("waits no longer than asked", function()
    local child = sleeper()
    local _, why, code = child:wait(0.01)
    assert.equal(("process %d: still running"):format(child:pid()), why)
    assert.equal(errno.ETIMEDOUT, code)
    child:signal(9)
    assert.equal("killed", (child:wait(60)))
  end)

  it("can be polled for its end", function()
    local child = sleeper()
    assert.equal(0, poll.rpoll(child:fd(), 0))
    child:signal(9)
    assert.equal(1, poll.rpoll(child:fd(), 10000))
    assert.equal("killed", (child:wait(0)))
  end)

  it("signals the group that it leads", function()
    local child, reader = run.start { argv = { "sh", "-c", "sleep 60 & echo; wait" }, path = true,
      group = true, env = { "PATH=/usr/bin:/bin" } }
    assert.equal("\n", unistd.read(reader, 1))
    assert.is_true(child:signal_group(9))
    assert.equal("", run.drain(reader))         -- the sleep held the other end
    assert.same({ "killed", 9 }, { child:wait(60) })
  end)

  it("says that a bad signal is one", function()
    local child <close> = sleeper()
    assert.equal(errno.EINVAL, select(3, child:signal(500)))
    child:signal(9)
    child:wait(60)
  end)

  it("reaps no child but its own", function()
    local other, child = sleeper(), sleeper()
    other:signal(9)
    poll.rpoll(other:fd(), 10000)
    child:signal(15)
    assert.same({ "killed", 15 }, { child:wait(60) })
    assert.same({ "killed", 9 }, { other:wait(0) })
  end)

  it("is gone where the host program ignores SIGCHLD", function()
    local old = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    local child = spawn { argv = { "/bin/true" } }
    local ends = table.pack(child:wait(60))
    signal.signal(signal.SIGCHLD, old)
    assert.same({ "gone", n = 1 }, ends)
  end)

  it("is an error to use once closed, but for pid and close", function()
    local child = spawn { argv = { "/bin/true" } }
    child:wait(60)
    child:close()
    child:close()
    assert.equal("number", type(child:pid()))
    for _, method in ipairs { "fd", "wait", "signal", "signal_group" } do
      assert.error_matches(function() child[method](child, 0) end, "closed proc", 1, true)
    end
  end)
end)

-- #native: valgrind knows no pidfd_open
describe("proc.open #native", function()
  it("waits for and signals a process that is nobody's child here", function()
    local pid = tonumber((output { "sh", "-c", "setsid sleep 60 >/dev/null & echo $!" }))
    local orphan = assert(core.proc.open(pid))
    assert.equal(pid, orphan:pid())
    assert.equal(errno.ETIMEDOUT, select(3, orphan:wait(0)))
    assert.is_true(orphan:signal(0))
    assert.is_true(orphan:signal(9))
    assert.equal("gone", (orphan:wait(60)))
    assert.equal("gone", (orphan:wait(0)))
    assert.equal(errno.ESRCH, select(3, orphan:signal(9)))
  end)

  it("signals its group", function()
    local text = output { "sh", "-c",
      "setsid sh -c 'echo $$; sleep 60 >/dev/null & exec sleep 60 >/dev/null' &" }
    local orphan = assert(core.proc.open(tonumber(text)))
    assert.is_true(orphan:signal_group(9))
    assert.equal("gone", (orphan:wait(60)))
  end)

  it("does not find what has ended", function()
    local child = spawn { argv = { "/bin/true" } }
    child:wait(60)
    local _, why, code = core.proc.open(child:pid())
    assert.same({ ("process %d: No such process"):format(child:pid()), errno.ESRCH }, { why, code })
  end)
end)

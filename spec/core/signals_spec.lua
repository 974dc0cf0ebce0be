-- What core.signals promises: signals become something to read, and the mask comes back.
local core = require "lunik.core"
local run = require "support.run"
local errno = require "posix.errno"
local poll = require "posix.poll"
local signal = require "posix.signal"
local unistd = require "posix.unistd"

local USR1, USR2 = signal.SIGUSR1, signal.SIGUSR2

local function raise(signo) signal.kill(unistd.getpid(), signo) end

local function blocked()
  for line in io.lines "/proc/thread-self/status" do
    local mask = line:match "^SigBlk:%s+(%x+)"
    if mask then return tonumber(mask, 16) end
  end
end

describe("signals", function()
  it("are read one by one", function()
    local signals <close> = assert(core.signals.open { USR1, USR2 })
    assert.equal(0, poll.rpoll(signals:fd(), 0))
    raise(USR2)
    raise(USR1)
    assert.equal(1, poll.rpoll(signals:fd(), 0))
    assert.equal(USR1, signals:next(10))
    assert.equal(USR2, signals:next(10))
    assert.same({ nil, "no signal in time", errno.ETIMEDOUT }, { signals:next(0) })
  end)

  it("come from children that end, too", function()
    local signals <close> = assert(core.signals.open { signal.SIGCHLD })
    local child = assert(core.proc.spawn { argv = { "/bin/true" } })
    assert.equal(signal.SIGCHLD, signals:next(10))
    assert.equal("exited", (child:wait(60)))
  end)

  it("are unblocked by close, but for those that had been blocked before", function()
    local before = blocked()
    local outer = assert(core.signals.open { USR1 })
    local inner = assert(core.signals.open { USR1, USR2 })
    assert.equal(before | 1 << (USR1 - 1) | 1 << (USR2 - 1), blocked())
    inner:close()
    inner:close()
    assert.equal(before | 1 << (USR1 - 1), blocked())
    outer:close()
    assert.equal(before, blocked())
    assert.error_matches(function() inner:next(0) end, "closed signals", 1, true)
  end)

  it("are not blocked in programs that are started meanwhile", function()
    local signals <close> = assert(core.signals.open { USR1, signal.SIGTERM })
    assert.equal("SigBlk:\t0000000000000000\n", (run.output { path = true,
      argv = { "grep", "^SigBlk", "/proc/self/status" } }))
    assert.equal("number", type(signals:fd()))
  end)

  it("must be signals", function()
    for _, list in ipairs { {}, { 0 }, { 65 }, { "x" }, { 1.5 } } do
      assert.error_matches(function() core.signals.open(list) end,
        "list of signals expected", 1, true)
    end
  end)
end)

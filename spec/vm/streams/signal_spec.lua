-- The guest's half of a signal to a program, here by the host's shell.
local core = require "lunik.core"
local relay = require "lunik.vm.streams.relay"
local run = require "support.run"
local unistd = require "posix.unistd"

local FORKS = "trap '' TERM; while :; do sleep 60 & echo; done"

describe("a signal to a program that starts others all the time", function()
  local id, proc, out

  -- To how many it is sent.
  local function signal(name)
    local text = run.output { argv = { "sh", "-c", relay.SIGNAL, "lunik", id, name }, path = true }
    return tonumber(text)
  end

  before_each(function()
    id = ("spec%d.%016x"):format(unistd.getpid(), math.random(0))
    local reader, writer = unistd.pipe()
    proc = assert(core.proc.spawn { argv = { "sh", "-c", FORKS }, path = true,
      env = { "PATH=" .. os.getenv "PATH", "LUNIK_EXEC=" .. id }, fds = { [1] = writer } })
    unistd.close(writer)
    out = reader
    assert.equal("\n", unistd.read(out, 1))
  end)
  after_each(function()
    repeat until signal "KILL" == 0
    proc:wait(60)
    proc:close()
    unistd.close(out)
  end)

  it("leaves none of them where it is KILL", function()
    for _ = 1, 3 do assert.equal("\n", unistd.read(out, 1)) end
    assert.is_true(signal "KILL" > 1)
    assert.equal("killed", (proc:wait(60)))
    local left
    for _ = 1, 50 do                     -- who is killed may be just going
      left = signal "CONT"
      if left == 0 then break end
    end
    assert.equal(0, left)
  end)

  it("is sent once where it is another", function()
    assert.is_true(signal "TERM" >= 1)
    assert.is_nil(proc:wait(0))
  end)
end)

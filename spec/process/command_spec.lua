-- Programs run to their end from a task: everything they write, never longer than said.
local command = require "lunik.process.command"
local core = require "lunik.core"
local errno = require "posix.errno"
local loop = require "lunik.async.loop"

describe("command", function()
  local function run(argv, options)
    local l <close> = loop.new()
    return l:run(command.run, l, argv, options)
  end

  local function shell(text, options) return run({ "sh", "-c", text }, options) end

  it("returns the status and both outputs, whole", function()
    assert.same({ status = 3, out = "out\0\xff", err = "err\n" },
                shell "printf 'out\\000\\377'; echo err >&2; exit 3")
    assert.equal(300000, #shell "head -c 300000 /dev/zero".out)
  end)

  it("keeps so many bytes of each output, reads the rest, and says so", function()
    assert.same({ status = 3, out = "0000", err = "0", truncated = true },
                shell("printf 0000000; printf 0 >&2; head -c 1000000 /dev/zero; exit 3",
                      { most = 4 }))
    local done = shell "head -c 17000000 /dev/zero"
    assert.same({ 0, 16 << 20, true }, { done.status, #done.out, done.truncated })
  end)

  it("gives what was written by the deadline", function()
    local _, _, code, late = shell("echo early; echo bad >&2; exec sleep 1000", { seconds = 0.2 })
    assert.same({ errno.ETIMEDOUT, "early\n", "bad\n" }, { code, late.out, late.err })
  end)

  it("tells the signal that ended a program", function()
    assert.same({ signal = 9, out = "", err = "" }, shell "kill -9 $$")
  end)

  it("passes the environment and directory it is told, and no others", function()
    assert.equal("A=b\n", run({ "/usr/bin/env" }, { env = { "A=b" } }).out)
    assert.equal("/\n", run({ "/bin/pwd" }, { cwd = "/" }).out)
  end)

  it("answers with a reason when there is no such program", function()
    local done, why, code = run { "/nosuch/program" }
    assert.is_nil(done)
    assert.equal("exec /nosuch/program: No such file or directory", why)
    assert.equal(errno.ENOENT, code)
  end)

  it("ends a program and its children at the deadline", function()
    local done, why, code = shell("echo $$; sleep 1000 & wait", { seconds = 0.05 })
    assert.is_nil(done)
    assert.equal("sh: still running after 0.05 seconds", why)
    assert.equal(errno.ETIMEDOUT, code)
  end)

  it("does not wait for a child that keeps the output open", function()
    assert.equal("said\n", shell "echo said; sleep 2 & exit 0".out)
  end)

  it("ends the program when its task is cancelled", function()
    local l <close> = loop.new()
    l:run(function()
      local path = os.tmpname()
      local task = l:spawn("program", command.run, l,
                           { "sh", "-c", "echo $$ > " .. path .. "; exec sleep 1000" })
      local pid
      repeat
        l:sleep(0.005)
        local file <close> = io.open(path)
        pid = math.tointeger(file:read "l" or "")
      until pid
      local proc = assert(core.proc.open(pid))
      task:cancel()
      assert.is_truthy(proc:wait(60))
      os.remove(path)
    end)
  end)

  it("describes a result as a message does", function()
    assert.equal("exited with status 1: a; b",
                 command.describe { status = 1, err = "a\nb\n\n" })
    assert.equal("killed by signal 6", command.describe { signal = 6, err = "\n" })
  end)
end)

-- The guest agent's protocol, against an agent that misbehaves as the real one does.
local agent = require "lunik.vm.guest.agent"
local base64 = require "lunik.text.base64"
local core = require "lunik.core"
local errno = require "posix.errno"
local fake = require "support.fake_agent"
local input = require "lunik.vm.guest.input"
local loop = require "lunik.async.loop"
local stdio = require "posix.stdio"
local unistd = require "posix.unistd"

describe("guest agent", function()
  -- Runs `fn(agent, fake, loop)` against an agent with these commands.
  local function with(commands, fn)
    local l <close> = loop.new()
    return l:run(function()
      local chan, other = fake.start(l, commands)
      local here = agent.new(l, chan)
      fn(here, other, l)
    end)
  end

  local ping = function() return core.json.object {} end

  it("begins with a sync and skips what was answered before", function()
    with({ ["guest-ping"] = ping }, function(a, other)
      other:say '{"return": {"of": "an earlier session"}}'
      other:say '\xff{"return": 99}'
      assert.is_truthy(a:call "guest-ping")
      assert.same({ "guest-sync-delimited", "guest-ping" }, other.heard)
      assert.is_truthy(a:call "guest-ping")
      assert.same({ "guest-sync-delimited", "guest-ping", "guest-ping" }, other.heard)
    end)
  end)

  it("skips garbage before the sync's answer", function()
    with({ ["guest-sync-delimited"] = function(arguments, other)
      other:say "half a li"
      other:say "}}}\xfe\0["
      return arguments.id
    end }, function(a) assert.is_true(a:sync(5)) end)
  end)

  it("syncs again after a command that timed out, and drops its late answer", function()
    local slow = true
    with({ ["guest-ping"] = ping, ["guest-info"] = function()
      return not slow and { version = "late" } or false
    end }, function(a, other)
      local got, why, code = a:call("guest-info", nil, 0.02)
      assert.is_nil(got)
      assert.matches("^agent: guest%-info: ", why)
      assert.equal(errno.ETIMEDOUT, code)
      other:say '{"return": {"version": "late"}}'
      assert.same({}, a:call "guest-ping")
      assert.same({ "guest-sync-delimited", "guest-info", "guest-sync-delimited", "guest-ping" },
                  other.heard)
    end)
  end)

  it("tells who waits for a turn or an answer that its channel was closed", function()
    with({ ["guest-ping"] = function() return false end }, function(a, _, l)
      assert.is_true(a:sync(5))
      local told = {}
      for i = 1, 2 do
        l:spawn("caller", function()
          local _, why, code = a:call("guest-ping", nil, 0.2)
          told[#told + 1] = { why, code, i }
        end)
      end
      l:sleep(0)
      a.chan:close()
      l:sleep(0.5)
      assert.equal(2, #told)
      assert.same({ "agent: guest-ping: closed here", errno.EBADF, 2 }, told[2])
      assert.matches("^agent: guest%-ping: ", told[1][1])
    end)
  end)

  it("syncs again when it is told that the agent was restarted", function()
    with({ ["guest-ping"] = ping }, function(a, other)
      a:call "guest-ping"
      a:lost()
      a:call "guest-ping"
      assert.same({ "guest-sync-delimited", "guest-ping", "guest-sync-delimited", "guest-ping" },
                  other.heard)
    end)
  end)

  it("says when the agent forbids a command, and when it fails", function()
    with({ ["guest-exec"] = function()
      return nil, { class = "GenericError", desc = "no such program" }
    end }, function(a)
      local _, why, class = a:call "guest-file-open"
      assert.matches("^agent: guest%-file%-open: not allowed by the guest's agent %(", why)
      assert.equal("CommandNotFound", class)
      _, why, class = a:exec { "nosuch" }
      assert.equal("agent: guest-exec: no such program", why)
      assert.equal("GenericError", class)
    end)
  end)

  it("knows a refusal of any age, and what the agent says of it before", function()
    with({ ["guest-exec"] = function()
      return nil, { class = "GenericError", desc = "The command guest-exec has been disabled for "
                                                   .. "this instance" }
    end }, function(a) assert.equal("CommandNotFound", select(3, a:exec { "x" })) end)
    local function lacking(list)
      local found
      if type(list) == "table" and list[1] then list = core.json.array(list) end
      with({ ["guest-info"] = function() return { supported_commands = list } end },
        function(a) found = a:lacking { "guest-exec", "guest-exec-status" } end)
      return found
    end
    local function entry(name, enabled) return { name = name, enabled = enabled } end
    assert.is_nil(lacking { entry("guest-exec", true), entry("guest-exec-status", true) })
    assert.equal("guest-exec is disabled",
                 lacking { entry("guest-exec", false), entry("guest-exec-status", true) })
    assert.equal("guest-exec-status is disabled",
                 lacking { entry("guest-exec", true), entry("guest-exec-status", false) })
    assert.equal("guest-exec is unknown to it", lacking { entry("guest-ping", true) })
    for _, odd in ipairs { {}, core.json.array {}, { a = 1 }, "x", 5, core.json.null } do
      assert.is_nil(lacking(odd))
    end
    assert.equal("guest-exec is unknown to it", lacking { 7, { name = {} }, core.json.null })
  end)

  it("says when nobody answers, and when the channel is gone", function()
    with({ ["guest-sync-delimited"] = function() return false end }, function(a, other)
      local _, why, code = a:sync(0.01)
      assert.equal("agent: receive: nothing came in time", why)
      assert.equal(errno.ETIMEDOUT, code)
      other.task:cancel()
      other.chan:close()
      assert.equal(errno.EPIPE, select(3, a:sync(1)))
    end)
  end)

  it("gives callers their turn, one after the other", function()
    local at_once, most = 0, 0
    with({ ["guest-info"] = function(arguments, other)
      at_once = at_once + 1
      most = math.max(most, at_once)
      other.loop:sleep(0.001)
      at_once = at_once - 1
      return arguments
    end }, function(a, _, l)
      local tasks = {}
      for i = 1, 5 do
        tasks[i] = l:spawn("caller", function() return a:call("guest-info", { n = i }) end)
      end
      for i, each in ipairs(tasks) do assert.same({ true, { n = i } }, { each:join() }) end
      assert.equal(1, most)
    end)
  end)

  it("is waited for while it takes a long input of another's, however long that is", function()
    local commands = fake.programs { x = function() return { exited = true, exitcode = 0 } end }
    local start = commands["guest-exec"]
    commands["guest-exec"] = function(arguments, other)
      other.loop:sleep(0.3)
      return start(arguments)
    end
    commands["guest-ping"] = ping
    with(commands, function(a, _, l)
      local task = l:spawn("long", a.exec, a, { "x" }, { input = ("x"):rep(300000) })
      l:pass()
      assert.is_truthy(a:call("guest-ping", nil, 0.1))
      assert.same({ 0 }, { select(2, task:join()).status })
      task = l:spawn("short", a.exec, a, { "x" })
      l:pass()
      assert.equal(errno.EBUSY, select(3, a:call("guest-ping", nil, 0.1)))
      task:join()
    end)
  end)

  it("runs a program and returns its status and both outputs", function()
    local asked
    with(fake.programs { ["/bin/x"] = function(arguments)
      asked = arguments
      return { exited = true, exitcode = 3, ["out-data"] = base64.encode "out\0\xff",
               ["err-data"] = base64.encode "err" }
    end }, function(a)
      local done = a:exec({ "/bin/x", "a b", "-c" }, { input = "in", env = { "K=V" } })
      assert.same({ status = 3, out = "out\0\xff", err = "err", truncated = false }, done)
      assert.same({ "a b", "-c" }, asked.arg)
      assert.same({ "K=V" }, asked.env)
      assert.equal("in", base64.decode(asked["input-data"]))
      assert.is_true(asked["capture-output"])
    end)
  end)

  it("is sent a long input piece by piece, and one from a file without holding it", function()
    local text = ("0123456789"):rep(50000)
    local asked
    local programs = fake.programs { x = function(arguments)
      asked = base64.decode(arguments["input-data"])
      return { exited = true, exitcode = 0 }
    end }
    local file <close> = io.tmpfile()
    file:write(text)
    file:flush()
    for _, given in ipairs { text, { fd = stdio.fileno(file) } } do
      with(programs, function(a)
        assert.equal(0, a:exec({ "x" }, { input = given }).status)
        assert.equal(text, asked)
      end)
    end
  end)

  it("is not sent an input that becomes shorter meanwhile as if it were whole", function()
    local file <close> = io.tmpfile()
    file:write(("x"):rep(40000))
    file:flush()
    local pieces = input.pieces({ fd = stdio.fileno(file) }, 300)
    assert.equal(300, #pieces())
    unistd.ftruncate(stdio.fileno(file), 450)
    assert.equal(150, #pieces())
    assert.same({ "", "the input has become shorter" }, { pieces() })
    assert.is_nil(pieces())
  end)

  it("asks again until the program has ended, and tells the signal that ended it", function()
    local asked = 0
    with(fake.programs { long = function()
      return function()
        asked = asked + 1
        if asked < 3 then return { exited = false } end
        return { exited = true, signal = 9, ["out-truncated"] = true }
      end
    end }, function(a)
      assert.same({ signal = 9, out = "", err = "", truncated = true }, a:exec { "long" })
      assert.equal(3, asked)
    end)
  end)

  it("gives up on a program at its deadline", function()
    with(fake.programs { endless = function()
      return function() return { exited = false } end
    end }, function(a)
      local done, why, code = a:exec({ "endless" }, { seconds = 0.02 })
      assert.is_nil(done)
      assert.equal("agent: guest-exec: still running at the deadline", why)
      assert.equal(errno.ETIMEDOUT, code)
    end)
  end)

  it("refuses output that is not base64", function()
    with(fake.programs { odd = function()
      return { exited = true, exitcode = 0, ["out-data"] = "???" }
    end }, function(a)
      assert.same({ nil, "agent: guest-exec: output: not base64", nil, 1 },
                  { a:exec { "odd" } })
    end)
  end)

  it("takes silence after guest-shutdown for assent, and hears a refusal", function()
    with({ ["guest-shutdown"] = function() return false end }, function(a)
      assert.is_true(a:shutdown(0.02))
    end)
    with({ ["guest-shutdown"] = function()
      return nil, { class = "GenericError", desc = "child process has failed to shutdown" }
    end }, function(a)
      local ok, why = a:shutdown(1)
      assert.is_nil(ok)
      assert.matches("failed to shutdown", why)
    end)
  end)

  it("lets other tasks run while it decodes a long output", function()
    local text = base64.encode(("x"):rep(300000))
    with(fake.programs { big = function()
      return { exited = true, exitcode = 0, ["out-data"] = text }
    end }, function(a, _, l)
      local turns, running = 0, true
      l:spawn("other", function()
        while running do
          turns = turns + 1
          l:pass()
        end
      end)
      a:call "guest-exec-status"
      local before = turns
      assert.equal(300000, #a:exec({ "big" }).out)
      running = false
      assert.is_true(turns - before > 6)
    end)
  end)
end)

describe("base64", function()
  it("decodes what it encodes, for every length and byte", function()
    local bytes = {}
    for i = 0, 255 do bytes[#bytes + 1] = string.char(i) end
    local all = table.concat(bytes)
    for n = 0, 256 do assert.equal(all:sub(1, n), base64.decode(base64.encode(all:sub(1, n)))) end
  end)

  it("writes what everybody writes", function()
    assert.equal("Zm9vYg==", base64.encode "foob")
    assert.equal("Zm9vYmE=", base64.encode "fooba")
    assert.equal("", base64.encode "")
  end)

  it("refuses what is not base64", function()
    for _, text in ipairs { "abc", "ab=c", "a===", "====", "ab c", "ab\nc" } do
      assert.same({ nil, "not base64" }, { base64.decode(text) })
    end
  end)
end)

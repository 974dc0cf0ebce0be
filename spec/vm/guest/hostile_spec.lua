-- A guest that answers whatever it likes: each answer is an error with words, or is skipped;
-- nothing raises, nothing waits past its deadline, and the next command works.
local agent = require "lunik.vm.guest.agent"
local base64 = require "lunik.text.base64"
local core = require "lunik.core"
local errno = require "posix.errno"
local fake = require "support.fake_agent"
local guest = require "lunik.vm.guest"
local loop = require "lunik.async.loop"
local mount = require "lunik.vm.guest.mount"
local wait = require "lunik.async.wait"

local null = core.json.null

describe("a hostile agent", function()
  -- Runs `fn(agent, fake, loop)` against an agent with these commands.
  local function with(commands, fn)
    local l <close> = loop.new()
    return l:run(function()
      local chan, other = fake.start(l, commands)
      fn(agent.new(l, chan), other, l)
    end)
  end

  -- An agent that says `line` to a command, and answers it properly when it is asked again.
  local function saying(command, line, proper)
    local asked = 0
    return { [command] = function(_, other)
      asked = asked + 1
      if asked > 1 then return proper end
      other:say(line)
      return false
    end }
  end

  local IMPROPER = {
    ['{"return": null}'] = "it is no object", ['{"return": 5}'] = "it is no object",
    ['{"return": []}'] = "it is no object", ['{"return": "x"}'] = "it is no object",
    ['{"error": 5}'] = "'error' is no object", ['{"error": null}'] = "'error' is no object",
    ['{"error": true}'] = "'error' is no object", ['{"error": []}'] = "'error' is no object",
    ['{"error": {}}'] = "'desc' is no string",
    ['{"error": {"desc": null}}'] = "'desc' is no string",
    ["{}"] = "neither 'return' nor 'error' is there",
    ['{"spoiled": {}}'] = "neither 'return' nor 'error' is there",
  }

  it("gets no further with an answer of another shape, and is asked anew", function()
    for line, why in pairs(IMPROPER) do
      with(saying("guest-exec", line, { pid = 7 }), function(a, other)
        local value, said, code = a:call("guest-exec", {}, 5)
        assert.is_nil(value)
        assert.equal("agent: guest-exec: no proper answer: " .. why, said, line)
        assert.equal(errno.EBADMSG, code)
        assert.same({ pid = 7 }, a:call("guest-exec", {}, 5))
        assert.equal("guest-sync-delimited", other.heard[3])
      end)
    end
  end)

  it("gets no further with a process number that is none", function()
    for _, pid in ipairs { "5", 1.5, null, {}, true } do
      with({ ["guest-exec"] = function() return { pid = pid } end }, function(a)
        assert.same({ nil, "agent: guest-exec: no proper answer: 'pid' is no integer",
                      errno.EBADMSG }, { a:exec { "x" } })
      end)
    end
  end)

  it("gets no further with a state of which a member is something else", function()
    local odd = { exited = { 1, null, "true", {} }, exitcode = { {}, "0", null, 1.5, true },
      signal = { {}, "9", null }, ["out-data"] = { 5, null, {}, true }, ["err-data"] = { 5, null },
      ["out-truncated"] = { 1, "yes", null } }
    for name, values in pairs(odd) do
      for _, value in ipairs(values) do
        local state = { exited = true, exitcode = 0 }
        state[name] = value
        with(fake.programs { x = function() return state end }, function(a)
          local done, why = a:exec({ "x" }, { seconds = 5 })
          assert.is_nil(done)
          assert.matches(("no proper answer: '%s' is no %%l+$"):format(name:gsub("%-", "%%-")), why)
        end)
      end
    end
    with(fake.programs { x = function() return { exited = true } end }, function(a)
      local _, why = a:exec { "x" }
      assert.matches("neither 'exitcode' nor 'signal'", why)
    end)
  end)

  it("cannot choose the code word of its refusal, nor what a terminal does", function()
    with({ ["guest-exec"] = function()
      return nil, { class = "timeout", desc = "\27[2J" .. ("x"):rep(5000) }
    end }, function(a)
      local _, why, class = a:exec { "x" }
      assert.equal("GenericError", class)
      assert.matches("^agent: guest%-exec: \\x1b%[2Jxxx", why)
      assert.is_true(#why < 1100)
    end)
  end)

  it("has not accepted a shutdown that it answers with nonsense", function()
    with({ ["guest-shutdown"] = function(_, other)
      other:say '{"error": 5}'
      return false
    end }, function(a) assert.is_nil((a:shutdown(1))) end)
  end)

  it("says more values than an answer may have, at no cost", function()
    local line = '{"return":[' .. ("{},"):rep(200000) .. "{}]}"
    with(saying("guest-info", line, { ok = 1 }), function(a)
      local before = collectgarbage "count"
      local _, why = a:call("guest-info", nil, 5)
      assert.equal("agent: guest-info: no proper answer: json: over 16384 values", why)
      assert.is_true(collectgarbage "count" - before < 32 << 10)
      assert.same({ ok = 1 }, a:call("guest-info", nil, 5))
    end)
  end)

  it("says a line without end, and is given up on at the deadline", function()
    with({ ["guest-info"] = function() return false end }, function(a, other, l)
      assert.is_true(a:sync(5))
      local flood = l:spawn("flood", function()
        for _ = 1, 192 do wait.send(l, other.chan, ("{"):rep(65536), 5) end
      end)
      local _, why, code = a:call("guest-info", nil, 0.2)
      assert.matches("^agent: guest%-info: .* in time$", why)
      assert.equal(errno.ETIMEDOUT, code)
      flood:cancel()
    end)
  end)

  -- `yes > port` in the guest
  it("floods, and neither stalls others nor outlives the deadline", function()
    with({ ["guest-info"] = function() return false end }, function(a, other, l)
      assert.is_true(a:sync(5))
      local turns, began = 0, l.now()
      local flood = l:spawn("flood", function()
        while true do wait.send(l, other.chan, ("y\n{}\n"):rep(8192), 5) end
      end)
      local ticker = l:spawn("ticker", function()
        while true do
          turns = turns + 1
          l:pass()
        end
      end)
      assert.is_nil((a:call("guest-exec", nil, 0.3)))
      assert.is_true(a:sync(5))
      assert.is_true(l.now() - began < 10)
      assert.is_true(turns > 5, turns .. " turns")
      flood:cancel()
      ticker:cancel()
    end)
  end)

  it("gives the same output, however its line is cut", function()
    local bytes = "\0\1\255/out" .. ("x"):rep(1000)
    local text = base64.encode(bytes):gsub("/", "\\/")
    local line = '{"return": {"out-data" : "' .. text .. '", "exited": true, "exitcode": 0, '
                 .. '"err-data":"' .. base64.encode "e" .. '"}}\n'
    for _, step in ipairs { 1, 2, 3, 5, 7, 64, 4096 } do
      local l <close> = loop.new()
      l:run(function()
        local ours, theirs = core.chan.pair()
        local answers = require "lunik.vm.guest.answers".new(l, ours)
        l:spawn("drip", function()
          for at = 1, #line, step do
            theirs:send(line:sub(at, at + step - 1))
            if step < 64 then l:pass() end
          end
        end)
        local answer = answers:next(l.now() + 20)
        assert.same({ ["out-data"] = bytes, ["err-data"] = "e", exited = true, exitcode = 0 },
                    answer.value["return"])
        assert.is_nil(answer.output)
      end)
    end
  end)

  describe("with an output that comes", function()
    -- What is heard of 4 MiB by a clock that goes on by so many seconds whenever it is looked at.
    local function heard(step)
      local l <close> = loop.new()
      local bytes = ("o"):rep(4 << 20)
      local line = ('{"return":{"exited":true,"out-data":"%s"}}\n'):format(base64.encode(bytes))
      local now = 0
      local clock = setmetatable({ now = function()
        now = now + step
        return now
      end }, { __index = l })
      return l:run(function()
        local ours, theirs = core.chan.pair()
        l:spawn("say", function() wait.send(l, theirs, line, 60) end)
        local answer, why = require "lunik.vm.guest.answers".new(clock, ours):next(1)
        return answer and #answer.value["return"]["out-data"] or why
      end)
    end

    it("is patient as long as it does", function() assert.equal(4 << 20, heard(1 / 512)) end)

    it("is not, where it comes too slowly", function()
      assert.equal("no answer in time", heard(1 / 8))
    end)
  end)

  it("hands out 16 MiB of each output, and refuses more", function()
    local sixteen = base64.encode(("o"):rep(16 << 20))
    local more = base64.encode(("o"):rep((16 << 20) + 2))
    -- the one that is refused is no longer than it must be: a busy machine takes seconds for each
    for _, case in ipairs { { sixteen, 16 << 20, sixteen }, { more, nil, "" } } do
      with({ ["guest-exec"] = function() return { pid = 1 } end,
             ["guest-exec-status"] = function(_, other)
        other:say(('{"return":{"exited":true,"exitcode":0,"out-data":"%s","err-data":"%s"}}')
          :format(case[1], case[3]))
        return false
      end }, function(a)
        local done, why = a:exec({ "x" }, { seconds = 60 })
        if case[2] then
          assert(done, why)
          assert.same({ case[2], 16 << 20 }, { #done.out, #done.err })
        else
          assert.equal("agent: guest-exec: output: over 16 MiB", why)
        end
      end)
    end
  end)

  it("whose line was cut off by a restart is heard again", function()
    with({ ["guest-ping"] = function() return core.json.object {} end }, function(a, other, l)
      wait.send(l, other.chan, '{"return": {"out-data": "AAAA', 5)
      assert.same({}, a:call("guest-ping", nil, 5))
    end)
  end)

  it("answers what chance makes of answers, and nothing raises", function()
    math.randomseed(11)
    local base = '{"return": {"pid": 1, "exited": true, "exitcode": 0, "out-data": "AAAA"}}'
    for _ = 1, 300 do
      local bytes = { base:byte(1, -1) }
      for _ = 1, math.random(6) do bytes[math.random(#bytes)] = math.random(32, 255) end
      local line = string.char(table.unpack(bytes))
      with({ ["guest-exec"] = function(_, other) other:say(line) return false end,
             ["guest-exec-status"] = function(_, other) other:say(line) return false end },
        function(a) a:exec({ "x" }, { seconds = 0.005 }) end)
    end
  end)
end)

describe("a guest whose shell lies", function()
  local spec = { type = "virtiofs", tag = "t", to = "/t" }

  local function run(out, err, status)
    return function() return { status = status or 0, out = out, err = err or "" } end
  end

  it("has not mounted anything by saying some other word", function()
    for _, said in ipairs { "", "nonsense \nrw\n", "mounted", "there x\n",
                            "mounted " .. ("1"):rep(99) .. "\n", "\27]0;x\7" } do
      local how, why = mount.perform(run(said), spec, true, "p")
      assert.is_nil(how, said)
      assert.matches("^the guest's shell answered something else: ", why)
      assert.is_nil(why:find "\27")
    end
  end)

  it("says no more than fits on a screen, and nothing that moves it", function()
    local _, why = mount.perform(run("", "\27[2J" .. ("z"):rep(1 << 20), 1), spec, true, "p")
    assert.is_true(#why < 1100)
    assert.is_nil(why:find "\27")
  end)

  it("lists what cannot be", function()
    for _, line in ipairs { "1 1 0:1 / /a\\999\\777 rw - virtiofs t rw",
                            "1 1 0:1 / \\400 rw - a b c",
                            "1 1 x - - -", ("9"):rep(50) .. " 1 0:1 / /x rw - virtiofs t rw" } do
      mount.parse(line)
      assert.has_no_error(function() mount.undo(run(line .. "\n"), spec) end)
    end
    local many = ("1 1 0:1 / /a rw - virtiofs t rw\n"):rep(1000)
    local _, why = mount.undo(run(many), spec)
    assert.equal("the guest lists t at 1000 places", why)
  end)

  -- A guest that has the share mounted, and says `out` when it is to unmount it.
  local function busy_with(out)
    return function(script)
      if script:find "^cat " then
        return { status = 0, out = "1 1 0:1 / /a rw - virtiofs t rw\n", err = "" }
      end
      return { status = 1, out = out, err = "no" }
    end
  end

  it("names holders in a line without end, at no cost", function()
    for _, out in ipairs { ("9"):rep(1 << 20), ("9 "):rep(1 << 19), ("9 9"):rep(1 << 19) } do
      assert.is_true(select(3, mount.undo(busy_with(out), spec)))
    end
  end)

  it("names holders that cannot be", function()
    local out = ("9"):rep(40) .. " sh /a\n12 \27[sh /a/\27x\n"
    local _, why, busy = mount.undo(busy_with(out), spec)
    assert.is_true(busy)
    assert.matches("12%) has /a/", why)
    assert.is_nil(why:find "\27")
  end)
end)

describe("a guest", function()
  it("that answers nonsense to every command is told of, and ends nobody's loop", function()
    local l <close> = loop.new()
    local told = {}
    l:run(function()
      local chan = fake.start(l, { ["guest-exec"] = function() return null end })
      local plan = { guest = { agent = { device = "agent" } } }
      local one = guest.new(l, plan, chan, function() end, function(kind, text)
        told[#told + 1] = kind .. ": " .. text
      end)
      one:restarted(true)
      one:add { type = "virtiofs", tag = "t", to = "/t" }
      local work = l:spawn_for(error, "guest", one.work, one)
      assert.is_true(one:wait(60))
      assert.equal(1, #told)
      assert.matches("^problem: mount t: at /t: agent: guest%-exec: no proper answer: it is no "
                     .. "object;", told[1])
      work:cancel()
    end)
  end)
end)

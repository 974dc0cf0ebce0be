-- The control socket: what it says is what QEMU says, to any number of clients, whatever each of
-- them does. Nothing here is timed; every wait has a deadline.
local commands = require "lunik.control.commands"
local core = require "lunik.core"
local plans = require "support.plans"
local program = require "support.program"
local protocol = require "lunik.control.protocol"
local run = require "support.run"
local scratch = require "support.scratch"

local PATIENCE = 90

-- A client that speaks bytes.
local client = {}
client.__index = client

function client.open(path)
  local chan = assert(core.chan.connect(path, PATIENCE))
  return setmetatable({ chan = chan }, client)
end

function client:send(text) return self.chan:send(text, PATIENCE) end

-- The next message that is no event | nil, why
function client:answer()
  while true do
    local line, why = self.chan:receive(PATIENCE, 1 << 26)
    if not line then return nil, why end
    local message = assert(core.json.decode(line))
    if not message.event then return message end
  end
end

function client:negotiate()
  assert(self:answer().QMP)
  self:send '{"execute":"qmp_capabilities"}'
  assert.same({ ["return"] = {} }, self:answer())
  return self
end

function client:ask(command, arguments, id)
  self:send(core.json.encode { execute = command, arguments = arguments, id = id })
  return self:answer()
end

function client:close() self.chan:close() end

describe("the control socket", function()
  local dir, server, path

  local function start(acts)
    dir = scratch.new()
    path = dir .. "/control.sock"
    local argv = { run.interpreter, "-e", ("package.path = %q package.cpath = %q"):format(
      package.path, package.cpath), "spec/support/served.lua", dir,
      acts and core.json.encode(core.json.array(acts)) or "" }
    local reader, writer = require "posix.unistd".pipe()
    server = program.start(argv, { env = { "PATH=" .. os.getenv "PATH" }, input = reader })
    server.question = writer
    require "posix.unistd".close(reader)
    server:expect("ready\n", PATIENCE)
  end

  -- Events that a hook heard, kilobytes of Lua, kilobytes resident, clients.
  local function figures()
    require "posix.unistd".write(server.question, "?\n")
    local a, b, c, d = server:expect("(%d+) (%d+) (%d+) (%d+)\n", PATIENCE)
    return math.tointeger(a), math.tointeger(b), math.tointeger(c), math.tointeger(d)
  end

  local function finish()
    require "posix.unistd".close(server.question)
    local how = { server:wait(PATIENCE) }
    local text = server.text
    server:close()
    scratch.remove(dir)
    assert.same({ "exited", 0 }, how, text)
    assert.is_nil(text:find("problem", 1, true), text)
  end

  local function connect() return client.open(path):negotiate() end

  describe("before a real QEMU", function()
    setup(function() start() end)
    teardown(finish)

    it("answers what is odd as QEMU does", function()
      -- the monitor that QEMU itself offers for the user's own tools
      local qemu = client.open(dir .. "/qmp.sock")
      local ours = client.open(path)
      assert(ours:answer().QMP and qemu:answer().QMP)
      local odd = {
        '{"execute":"query-status","id":1}', '{"execute":"qmp_capabilities","id":{"a":[1,null]}}',
        '{"execute":"qmp_capabilities","id":3}', "{}", '{"execute":1}',
        '{"execute":"stop","arguments":1,"id":"q"}', '{"execute":"stop","foo":1,"id":"q"}',
        '{"exec-oob":"stop","id":7}', '{"execute":"stop","exec-oob":"stop","id":7}',
        '{"execute":"nosuch","id":8}', '{"execute":"query-status","arguments":{"x":1}}',
        "{'execute':'query-name','id':'it'}", '{"execute":"query-name","id":null}',
        '{"execute":"query-name","id":18446744073709551615}', '{"execute":"query-name","id":1.5}',
        '{"arguments":{}}', '{"execute":"query-name","control":{}}', '{"execute":"query-kvm"}',
      }
      for _, text in ipairs(odd) do
        qemu:send(text)
        ours:send(text)
        assert.same(qemu:answer(), ours:answer(), text)
      end
      qemu:close()
      ours:close()
    end)

    it("says what is malformed, and goes on", function()
      local one = connect()
      one:send '{"execute":"stop" "id":1}'
      local answer = one:answer()
      assert.equal("GenericError", answer.error.class)
      assert.matches("^JSON parse error, ", answer.error.desc)
      assert.equal(5, one:ask("query-name", nil, 5).id)
      one:close()
    end)

    it("answers what is no object, and then hangs up", function()
      for _, text in ipairs { "xyz\n", "]", "[]", "12 ", "}" } do
        local one = connect()
        one:send(text)
        assert.matches("^JSON parse error, ", one:answer().error.desc)
        assert.is_nil((one:answer()))
        one:close()
      end
    end)

    it("takes commands however they are packed", function()
      local one = connect()
      for byte in ('{"execute": "query-name", "id": 1}'):gmatch "." do one:send(byte) end
      assert.equal(1, one:answer().id)
      one:send('{"execute":"query-name","id":2}{"execute":"query-kvm","id":3}\r\n{"execute":'
               .. '"query-name","id":4}')
      for id = 2, 4 do assert.equal(id, one:answer().id) end
      one:close()
    end)

    it("keeps the order of a client's answers, whoever gives them", function()
      local one, text = connect(), {}
      for id = 1, 60 do
        local name = ({ "query-name", "lunik-status", "query-kvm", "nosuch" })[id % 4 + 1]
        text[id] = core.json.encode { execute = name, id = id }
      end
      one:send(table.concat(text))
      for id = 1, 60 do assert.equal(id, one:answer().id) end
      one:close()
    end)

    it("answers everything to a client that has said all it will", function()
      local one, text = connect(), {}
      for id = 1, 100 do text[id] = core.json.encode { execute = "query-name", id = id } end
      one:send(table.concat(text))
      one.chan:shutdown()
      for id = 1, 100 do assert.equal(id, one:answer().id) end
      assert.is_nil((one:answer()))
      one:close()
    end)

    it("has a schema of its own commands, which QEMU's list names too", function()
      local one = connect()
      local schema = one:ask("lunik-query-schema")["return"]
      assert.same(commands.schema(), schema)
      local listed = {}
      for _, row in ipairs(one:ask("query-commands")["return"]) do listed[row.name] = true end
      for _, row in ipairs(schema) do assert.is_true(listed[row.name]) end
      assert.is_true(listed["query-status"])
      one:close()
    end)

    it("checks the arguments of its own commands", function()
      local one = connect()
      for _, case in ipairs {
        { "lunik-exec", nil, "Parameter 'argv' is missing" },
        { "lunik-exec", { argv = "ls" },
          "Invalid parameter type for 'argv', expected: non-empty array of strings" },
        { "lunik-forward-add", { guest = 1.5 },
          "Invalid parameter type for 'guest', expected: integer" },
        { "lunik-stop", { raeson = "x" },
          "Parameter 'raeson' is unexpected; did you mean 'reason'?" },
        { "lunik-wait", { ["for"] = "ever" },
          "Parameter 'for' does not accept value 'ever'; there are: ready, end" },
        { "lunik-stop", { rung = "nope" }, "Parameter 'rung' does not accept value 'nope'; "
          .. "there are: powerdown, quit, term, kill" },
        { "lunik-statsu", nil,
          "The command lunik-statsu has not been found; did you mean 'lunik-status'?" },
        { "lunik-forward-remove", { name = "x" }, "no forward named 'x'" },
      } do
        assert.equal(case[3], one:ask(case[1], case[2]).error.desc)
      end
      one:close()
    end)

    it("forgets a client that leaves with commands on their way", function()
      for _ = 1, 20 do
        local one = connect()
        for id = 1, 50 do one:send(core.json.encode { execute = "query-name", id = id }) end
        one:close()
      end
      local one = connect()
      assert.same({ id = "mine", ["return"] = { name = "t" } }, one:ask("query-name", nil, "mine"))
      one:close()
    end)

    it("is there for the others while one has said half a command", function()
      local silent, other = connect(), connect()
      silent:send '{"execute": "query-na'
      assert.equal(1, other:ask("query-name", nil, 1).id)
      silent:send 'me", "id": 2}'
      assert.equal(2, silent:answer().id)
      silent:close()
      other:close()
    end)

    it("takes 64 clients, and one more when one has left", function()
      local many = {}
      for i = 1, 64 do many[i] = connect() end
      local refused = client.open(path)
      assert.same({ error = { class = "busy",
        desc = "the control socket has 64 clients, and takes no more" } }, refused:answer())
      assert.is_nil((refused:answer()))
      refused:close()
      many[1]:close()
      repeat local _, _, _, count = figures() until count == 63
      many[1] = connect()
      for i = 1, 64 do
        assert.equal(i, many[i]:ask("query-name", nil, i).id)
        many[i]:close()
      end
      repeat local _, _, _, count = figures() until count == 0
    end)

    it("keeps no descriptor of who has left", function()
      local function open()
        return #require "posix.dirent".dir(("/proc/%d/fd"):format(server.proc:pid()))
      end
      connect():close()
      repeat local _, _, _, count = figures() until count == 0
      local before = open()
      for _ = 1, 300 do connect():close() end
      repeat local _, _, _, count = figures() until count == 0
      assert.equal(before, open())
    end)

    it("withstands what chance makes of commands", function()
      math.randomseed(7)
      local base = '{"execute":"query-name","arguments":{},"id":{"a":[1,"x"]}}'
      for _ = 1, 200 do
        local one, text = connect(), {}
        for i = 1, 10 do
          local bytes = { base:byte(1, -1) }
          for _ = 1, math.random(4) do bytes[math.random(#bytes)] = math.random(0, 255) end
          text[i] = string.char(table.unpack(bytes))
        end
        one:send(table.concat(text))
        one.chan:shutdown()
        repeat until not one:answer()
        one:close()
      end
      local one = connect()
      assert.equal(1, one:ask("query-name", nil, 1).id)
      one:close()
    end)

    it("stops taking commands from a client that reads no answers", function()
      local deaf, other = connect(), connect()
      local text = ('{"execute":"query-commands"}'):rep(64)
      local sent = 0
      while sent < 100000 and deaf.chan:send(text, 0.2) do sent = sent + 64 end
      assert.is_true(sent < 100000, "everything was taken")
      assert.equal(1, other:ask("query-name", nil, 1).id)
      local _, _, resident = figures()
      assert.is_true(resident < 64 << 10, resident .. " kB")
      deaf:close()
      other:close()
    end)

    -- three at once, and a storm of STOP and RESUME from a fourth
    it("loses and mixes up nothing, for clients that know nothing of it", function()
      local storm = connect()
      local function toggle(count)
        local text = {}
        for i = 1, count do text[i] = '{"execute":"cont"}{"execute":"stop"}' end
        storm:send(table.concat(text))
        for _ = 1, 2 * count do assert(storm:answer()["return"]) end
      end
      local function foreign(count, command)
        return program.start({ "python3", "spec/support/foreign_qmp.py", path,
          ("%d"):format(count), command }, { env = { "PATH=" .. os.getenv "PATH" } })
      end
      local function together(count)
        local all = {}
        for i, command in ipairs { "query-status", "query-name", "query-kvm" } do
          all[i] = foreign(count, command)
        end
        repeat
          toggle(20)
          local running = false
          for _, one in ipairs(all) do running = running or not one.proc:wait(0) end
        until not running
        for i, one in ipairs(all) do
          local how, status = one:wait(120)
          assert.same({ "exited", 0 }, { how, status }, one.text)
          local told = assert(core.json.decode(one.text))
          assert.same({ count, count, 0 }, { told.sent, told.answered, told.lost }, i)
          assert.is_true(told.events > 0)
          one:close()
        end
      end
      together(1000)
      local heard, lua, resident = figures()
      together(10000)
      local heard_then, lua_then, resident_then = figures()
      assert.is_true(heard_then > heard)
      assert.is_true(lua_then < lua + 100, ("Lua: %d kB, then %d kB"):format(lua, lua_then))
      assert.is_true(resident_then < resident + 1024,
                     ("resident: %d kB, then %d kB"):format(resident, resident_then))
      print(("control: 3 clients, 33,000 commands; Lua %d kB then %d kB, resident %d kB then %d kB")
        :format(lua, lua_then, resident, resident_then))
      storm:close()
    end)
  end)

  describe("before a QEMU that", function()
    after_each(finish)

    local function acts(...) return plans.told { { "return" }, ... } end

    it("tells too much: one that does not read loses events, and is told how many", function()
      local many = {}
      for i = 1, 30000 do many[i] = { "event", "STORM", { number = i } } end
      local list = acts({ "hear", "go" }, { "return" }, table.unpack(many, 1, 200))
      for _ = 1, 150 do list[#list + 1] = { "burst", "STORM", 200 } end
      list[#list + 1] = { "serve" }
      start(list)
      local deaf, other = connect(), connect()
      other:send '{"execute":"go"}'
      other:answer()
      assert.equal(1, other:ask("lunik-forwards", nil, 1).id)
      assert.equal(2, other:ask("after", nil, 2).id)
      local seen, lost = 0, 0
      deaf:send '{"execute":"lunik-forwards","id":"last"}'
      repeat
        local message = core.json.decode((deaf.chan:receive(PATIENCE, 1 << 26)))
        if message.event == "LUNIK_EVENTS_LOST" then lost = lost + message.data.count
        elseif message.event then seen = seen + 1 end
      until message.id == "last"
      other:send '{"execute":"onemore"}'
      deaf:close()
      other:close()
      assert.is_true(seen > 1000, seen)
      assert.is_true(seen + lost <= 30200)
    end)

    it("dies: each command that was on its way is answered as failed", function()
      start(acts({ "hear", "slow" }, { "hear", "slow" }, { "die", 9 }))
      local one, two = connect(), connect()
      one:send '{"execute":"slow","id":1}{"execute":"slow","id":2}'
      two:send '{"execute":"slow","id":3}'
      for id = 1, 2 do
        local answer = one:answer()
        assert.same({ id, "closed" }, { answer.id, answer.error.class })
      end
      assert.equal(3, two:answer().id)
      assert.is_nil((one:answer()))
      assert.is_nil((two:answer()))
      one:close()
      two:close()
    end)

    it("is busy: what is lunik's own is answered meanwhile", function()
      start(acts({ "hear", "slow" }, { "hear", "release" }, { "return" }, { "serve" }))
      local one, two = connect(), connect()
      one:send '{"execute":"slow","id":1}'
      assert.equal(2, two:ask("lunik-forwards", nil, 2).id)
      two:send '{"execute":"release","id":3}'
      assert.equal(3, two:answer().id)
      one:close()
      two:close()
    end)
  end)
end)

describe("a request", function()
  it("of any text is a request or an error", function()
    assert.same({ name = "stop", id = 1 }, protocol.request '{"execute":"stop","id":1}')
    assert.same({ name = "a", arguments = { x = "it's" } },
                protocol.request [[{"execute":"a","arguments":{"x":"it's"}}]])
    assert.same({ name = "a", arguments = { x = 'say "no"' } },
                protocol.request [[{'execute':'a','arguments':{'x':'say "no"'}}]])
    for _, text in ipairs { "", "{", "[]", "1", "null", '{"a":NaN}', "{'a'", "\0" } do
      assert.is_table(protocol.request(text).error)
    end
  end)
end)

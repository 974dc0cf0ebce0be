-- What core.qmp promises: whatever the peer does, each command ends once, with its own
-- answer or with a reason, and in time.
local core = require "lunik.core"
local dirent = require "posix.dirent"
local errno = require "posix.errno"
local qmp_peer = require "support.qmp_peer"
local fcntl = require "posix.fcntl"
local unistd = require "posix.unistd"
local chan, json = core.chan, core.json

local GREETING = json.encode(qmp_peer.greeting)
local LONG = 20         -- seconds; nothing here takes them

-- how many there are, and how many of them an exec would pass on
local function open_descriptors()
  collectgarbage()
  local n, inherited = 0, 0
  for name in dirent.files("/proc/self/fd") do
    local flags = tonumber(name) and fcntl.fcntl(tonumber(name), fcntl.F_GETFD)
    n = n + 1
    if flags and flags & fcntl.FD_CLOEXEC == 0 then inherited = inherited + 1 end
  end
  return n, inherited
end

describe("qmp", function()
  local fake, monitor, peer

  -- a monitor on a fake that plays the rows
  local function open(rows, limits)
    fake = qmp_peer.start(rows)
    monitor = assert(core.qmp.open(fake.chan, limits))
    return monitor
  end

  local function meet(rows, limits)
    table.insert(rows, 1, "hello")
    assert(open(rows, limits):handshake(LONG))
    return monitor
  end

  -- a monitor whose peer is written to and read from right here
  local function face(limits)
    local ours
    ours, peer = chan.pair()
    monitor = assert(core.qmp.open(ours, limits))
    return monitor
  end

  local function face_ready(limits)
    face(limits)
    peer:send(GREETING .. '{"return":{},"id":0}')
    assert(monitor:handshake(LONG))
    peer:read(1000, 0)
    return monitor
  end

  after_each(function()
    if monitor then monitor:close() end
    if peer then peer:close() end
    if fake then assert.is_true(fake:finish()) end
    fake, monitor, peer = nil, nil, nil
  end)

  local function fails(code, message, ...)
    local value, why, got = ...
    assert.is_nil(value)
    assert.equal(code, got, why)
    if message then assert.equal(message, why) end
  end

  -- what exec makes of an answer, or of whatever else the bytes hold
  local function hears(bytes)
    peer:send(bytes)
    return monitor:exec("x", nil, LONG)
  end

  -- the handle has ended, and says why whatever it is asked
  local function ended(code, message)
    fails(code, "query-name: " .. message, monitor:exec("query-name", nil, LONG))
    fails(code, message, monitor:handshake(LONG))
    fails(code, message, monitor:event(LONG))
    fails(code, message, monitor:step())
    fails(code, "query-name: " .. message, monitor:submit "query-name")
  end

  describe("handshake", function()
    it("gives the greeting and enables what it knows and is offered", function()
      open {
        { "raw", [[{"QMP":{"version":{"qemu":{"major":99}},"x":null,"n":1e20,
          "capabilities":["telepathy","oob",7,{}]},"y":[1]}]] },
        function(self)
          local command = self:command()
          assert(json.encode(command.arguments) == '{"enable":["oob"]}')
          self:say { ["return"] = {}, id = command.id }
        end,
        "serve",
      }
      assert.is_nil(monitor:greeting())
      assert.equal(99, monitor:handshake(LONG).version.qemu.major)
      assert.equal(99, monitor:greeting().version.qemu.major)
      assert.same(qmp_peer.status, monitor:exec("query-status", nil, LONG))
    end)

    it("sends no arguments where nothing is offered, and no byte too many", function()
      for _, capabilities in ipairs { "", ',"capabilities":[]', ',"capabilities":"oob"' } do
        face()
        peer:send('{"QMP":{"version":{}' .. capabilities .. '}}{"return":{},"id":0}')
        assert(monitor:handshake(LONG))
        assert.equal('{"execute":"qmp_capabilities","id":0}', peer:read(1000, 0))
        monitor:submit("query-status")
        assert.equal('{"execute":"query-status","id":1}', peer:read(1000, 0))
        fails(errno.ENOTSUP, "yank: out-of-band is not offered",
          monitor:exec("yank", nil, LONG, { oob = true }))
        monitor:close()
        peer:close()
      end
    end)

    it("times out without a greeting, and can be tried again", function()
      face()
      fails(errno.ETIMEDOUT, nil, monitor:handshake(0.01))
      peer:send(GREETING .. '{"return":{},"id":0}')
      assert(monitor:handshake(LONG))
    end)

    it("keeps events that come before the greeting and amid the negotiation", function()
      open { { "event", "EARLY" }, "greeting", { "event", "AMID" }, { "reply" }, "serve" }
      assert(monitor:handshake(LONG))
      assert.equal("EARLY", monitor:event(LONG).event)
      assert.equal("AMID", monitor:event(LONG).event)
    end)

    it("ends when something else comes first", function()
      for _, bytes in ipairs {
        '{"return":{}}', '{"error":{"class":"x","desc":"y"}}', '{"QMP":7}', "{}", '{"event":7}',
      } do
        face()
        peer:send(bytes)
        fails(errno.EPROTO, "no greeting: something else came first", monitor:handshake(LONG))
        ended(errno.EPROTO, "no greeting: something else came first")
        monitor:close()
        peer:close()
      end
    end)

    it("ends where a message has more values than it is told", function()
      face { values = 8 }
      peer:send('{"QMP":{"a":[' .. ("{},"):rep(1000) .. '1]}}')
      fails(errno.EPROTO, "json: over 8 values", monitor:handshake(LONG))
    end)

    it("says so when the server has as many clients as it takes", function()
      face()
      peer:send '{"error":{"class":"busy","desc":"there are 64 already"}}'
      fails(errno.EBUSY, "there are 64 already", monitor:handshake(LONG))
      ended(errno.EBUSY, "there are 64 already")
    end)

    it("ends when the negotiation is refused, with QEMU's words", function()
      open { "greeting", { "error", "GenericError", "no such thing" }, "hang" }
      fails(errno.EPROTO, "qmp_capabilities: no such thing", monitor:handshake(LONG))
      ended(errno.EPROTO, "qmp_capabilities: no such thing")
    end)

    it("ends when an error without id comes amid the negotiation", function()
      face()
      monitor:submit("query-status")
      peer:send(GREETING .. '{"error":{"class":"GenericError","desc":"JSON parse error"}}')
      fails(errno.EPROTO, "qmp_capabilities: JSON parse error", monitor:handshake(LONG))
      assert.same({ false, "query-status: qmp_capabilities: JSON parse error", errno.EPROTO },
        { monitor:reply(1) })
    end)

    it("is closed where the peer closes", function()
      open { "die" }
      fails(errno.EPIPE, "closed by peer", monitor:handshake(LONG))
      monitor:close()
      assert.is_true(fake:finish())
      open { { "raw", '{"QMP":' }, "die" }
      fails(errno.EPIPE, "closed by peer within a message", monitor:handshake(LONG))
    end)

    it("is not needed for a blocking command, which waits for it", function()
      open { "hello", "serve" }
      assert.same(qmp_peer.status, monitor:exec("query-status", nil, LONG))
    end)

    it("holds commands back until it is over, and ignores answers to them", function()
      face()
      local id = monitor:submit("query-status")
      monitor:step()
      fails(errno.ETIMEDOUT, nil, peer:read(1000, 0))
      assert.equal("r", monitor:wants())
      peer:send(GREETING .. ('{"return":"forged","id":%d}'):format(id))
      monitor:step()
      assert.matches("^{\"execute\":\"qmp_capabilities\"[^}]*}[^}]*}$", peer:read(1000, 0))
      assert.is_nil(monitor:reply(id))
      peer:send '{"return":{},"id":0}'
      monitor:step()
      assert.equal('{"execute":"query-status","id":1}', peer:read(1000, 0))
    end)
  end)

  describe("exec", function()
    it("gives what QEMU returned, of any kind", function()
      face_ready()
      for i, text in ipairs {
        "{}", "[]", "null", "true", "false", '"s"', "5", "5.5", "18446744073709551615",
      } do
        peer:send(('{"return": %s, "id": %d}\r\n'):format(text, i))
        assert.equal(text, json.encode((monitor:exec("x", nil, LONG))))
      end
    end)

    it("passes QEMU's error on, with its class", function()
      meet { { "error", "DeviceNotFound", "Device 'x' not found" }, "serve" }
      fails("DeviceNotFound", "Device 'x' not found",
        monitor:exec("device_del", { id = "x" }, LONG))
      fails("CommandNotFound", "The command foo has not been found",
        monitor:exec("foo", nil, LONG))
      assert.same({ name = "vm" }, monitor:exec("query-name", nil, LONG))
    end)

    it("passes on however long an error is", function()
      local long = ("long "):rep(1000)
      meet { { "error", "GenericError", long }, "hang" }
      fails("GenericError", long, monitor:exec("x", nil, LONG))
    end)

    it("fills in what an error lacks", function()
      face_ready()
      fails("GenericError", "no description", hears '{"error":{},"id":1}')
      fails("GenericError", "no description", hears '{"error":{"class":1,"desc":2},"id":2}')
    end)

    it("sends arguments as they are, compact", function()
      face_ready()
      monitor:submit("echo", {
        s = 'ä,"\\\n\0€', i = 1 << 53 | 1, f = 1024.0, l = { 1, 2 }, e = {}, a = json.array {},
        u = json.uint64 "18446744073709551615", n = json.null,
      })
      assert.equal('{"execute":"echo","arguments":{"a":[],"e":{},"f":1024.0,"i":9007199254740993,'
        .. '"l":[1,2],"n":null,"s":"ä,\\"\\\\\\n\\u0000€","u":18446744073709551615},"id":1}',
        peer:read(1000, 0))
      monitor:submit('quo"te', {})
      assert.equal('{"execute":"quo\\"te","arguments":{},"id":2}', peer:read(1000, 0))
    end)

    it("refuses arguments that JSON has not, and goes on", function()
      meet { "serve" }
      fails(errno.EINVAL, "x: json: .f: a function has no JSON",
        monitor:exec("x", { f = print }, LONG))
      fails(errno.EILSEQ, "x: json: .s: not UTF-8", monitor:exec("x", { s = "\xff" }, LONG))
      fails(errno.EILSEQ, "\xff: not UTF-8", monitor:exec("\xff", nil, LONG))
      assert.has_error(function() monitor:exec("x", { 1 }, LONG) end)
      assert.same({ name = "vm" }, monitor:exec("query-name", nil, LONG))
    end)

    it("sees events between a command and its answer, and before it", function()
      meet {
        { "event", "BEFORE" }, { "event", "BETWEEN", { ["return"] = {}, id = 1, error = {} } },
        { "reply", { ok = true } }, { "event", "AFTER" }, "hang",
      }
      assert.same({ ok = true }, monitor:exec("x", nil, LONG))
      for _, name in ipairs { "BEFORE", "BETWEEN", "AFTER" } do
        assert.equal(name, monitor:event(LONG).event)
      end
    end)

    it("ignores answers to others, second answers, second greetings and what is neither", function()
      face_ready()
      peer:send(table.concat {
        '{"return":"no","id":7}{"return":"no","id":"1"}{"return":"no","id":1.0}{"return":"no"}',
        '{"return":"no","id":null}{"return":"no","id":-1}{"return":"no","id":18446744073709551615}',
        '{"return":"no","id":99999999999999999999}{"return":"no","id":{"id":1}}',
        '{"return":"no","id":true}',
        GREETING, '{}{"timestamp":{}}{"event":null}{"event":{}}',
        '{"return":"first","id":1}{"return":"second","id":1}',
      })
      assert.equal("first", monitor:exec("x", nil, LONG))
      peer:send '{"return":"third","id":2}'
      assert.equal("third", monitor:exec("x", nil, LONG))
    end)

    it("fails the oldest command with an error that has no id", function()
      face_ready()
      local one, two = monitor:submit("one"), monitor:submit("two")
      peer:send '{"error":{"class":"GenericError","desc":"JSON parse error"}}{"return":2,"id":2}'
      monitor:step()
      assert.same({ false, "JSON parse error", "GenericError" }, { monitor:reply(one) })
      assert.same({ true, 2 }, { monitor:reply(two) })
      peer:send '{"error":{"class":"GenericError","desc":"nobody"},"id":null}{"return":3,"id":3}'
      fails("GenericError", "nobody", monitor:exec("x", nil, LONG))
    end)

    it("takes an answer that is return and error for an error", function()
      face_ready()
      peer:send '{"return":{},"error":{"class":"A","desc":"b"},"id":1}'
      fails("A", "b", monitor:exec("x", nil, LONG))
    end)

    it("fails a command whose answer is none, and goes on", function()
      face_ready()
      fails(errno.EPROTO, "x: an answer without return or error", hears '{"id":1}')
      fails(errno.EPROTO, "x: an error that is no object", hears '{"error":"x","id":2}')
      fails(errno.EPROTO, "x: an error that is no object", hears '{"error":null,"id":3}')
      assert.equal(1, hears '{"return":1,"id":4}')
    end)

    it("fails a command whose answer holds what is refused, and goes on", function()
      face_ready()
      for id, case in ipairs {
        { '{"n":18446744073709551616}', "integer above 2^64-1" },
        { "[-9223372036854775809]", "integer below -2^63" },
        { "1e400", "number beyond a double" },
        { '{"a\\u0000b":1}', "NUL in a key" },
      } do
        fails(errno.EPROTO, "x: " .. case[2], hears(('{"return":%s,"id":%d}'):format(case[1], id)))
      end
      assert.equal("good", hears '{"event":"BAD","data":1e400}{"return":"good","id":5}')
      assert.equal(1, monitor:dropped())
    end)

    it("reads bytes that are no UTF-8 as U+FFFD, as QEMU does", function()
      face_ready()
      peer:send '{"return":"a\xff\xe2\x82b\xc3","id":1}'
      assert.equal("a\u{FFFD}\u{FFFD}\u{FFFD}b\u{FFFD}", monitor:exec("x", nil, LONG))
    end)

    it("needs no line ends, and bears any white space", function()
      face_ready()
      peer:send '\n\n\r\r \t{"event":"A"}\r{"event":"B"}{"return":\n[\r\n1 ]\t, "id" :1}'
      assert.same({ 1 }, monitor:exec("x", nil, LONG))
      assert.equal("A", monitor:next_event().event)
      assert.equal("B", monitor:next_event().event)
      assert.is_nil(monitor:next_event())
    end)

    it("reads a stream that comes a byte at a time", function()
      meet {
        function(self) self:command() end,
        { "drip", '{"return":"größe €😀 }{\\"","id":1}', 0 }, "hang",
      }
      assert.equal('größe €😀 }{"', monitor:exec("x", nil, LONG))
    end)

    it("reads much in small packets", function()
      local packet, count = ("y"):rep(1024), 4096
      meet {
        function(self)
          local command = self:command()
          self.chan:send('{"return":"', LONG)
          for _ = 1, count do self.chan:send(packet, LONG) end
          self.chan:send(('","id":%d}'):format(command.id), LONG)
        end,
        "serve",
      }
      assert.equal(packet:rep(count), monitor:exec("x", nil, LONG))
      assert.same({ name = "vm" }, monitor:exec("query-name", nil, LONG))
    end)

    it("sends much to a peer that reads slowly", function()
      meet {
        function(self)
          local command = self:command()
          self:say { ["return"] = #command.arguments.s, id = command.id }
        end,
        "hang",
      }
      assert.equal(1 << 20, monitor:exec("x", { s = ("q"):rep(1 << 20) }, LONG))
    end)

    it("sends a descriptor with its command, and keeps its own", function()
      local reader, writer = unistd.pipe()
      meet {
        function(self)
          local bytes, fds = self.chan:read(1000, LONG, 4)
          unistd.write(fds[1], bytes)
          self:say { ["return"] = #fds, id = 1 }
        end,
        "hang",
      }
      assert.equal(1, monitor:exec("getfd", { fdname = "a" }, LONG, { writer }))
      assert.equal('{"execute":"getfd","arguments":{"fdname":"a"},"id":1}',
        unistd.read(reader, 1000))
      assert.is_truthy(fcntl.fcntl(writer, fcntl.F_GETFD))
      unistd.close(reader)
      unistd.close(writer)
    end)

    it("submits descriptors that may be closed at once, each with its own command", function()
      face()
      local null = fcntl.open("/dev/null", fcntl.O_RDONLY)
      local before, inherited = open_descriptors()
      for _ = 1, 3 do monitor:submit("getfd", nil, { fds = { null } }) end
      assert.same({ before + 3, inherited }, { open_descriptors() })
      unistd.close(null)
      peer:send(GREETING .. '{"return":{},"id":0}')
      assert(monitor:handshake(LONG))
      peer:read(#'{"execute":"qmp_capabilities","arguments":{"enable":["oob"]},"id":0}', 0, 4)
      for id = 1, 3 do
        local bytes, fds = peer:read(1000, LONG, 4)
        assert.equal(('{"execute":"getfd","id":%d}'):format(id), bytes)
        assert.equal(1, #fds)
        unistd.close(fds[1])
      end
      assert.equal(before - 1, (open_descriptors()))
    end)

    it("fails for a descriptor that is not one, and goes on", function()
      meet { "serve" }
      fails(errno.EBADF, nil, monitor:exec("getfd", nil, LONG, { 9999 }))
      assert.same({ name = "vm" }, monitor:exec("query-name", nil, LONG))
    end)

    it("runs out-of-band when asked to", function()
      face_ready()
      peer:send '{"return":{},"id":1}'
      assert(monitor:exec("yank", { instances = json.array {} }, LONG, { oob = true }))
      assert.equal('{"exec-oob":"yank","arguments":{"instances":[]},"id":1}', peer:read(1000, 0))
    end)
  end)

  describe("timeout", function()
    it("drops the late answer and keeps step", function()
      face_ready()
      fails(errno.ETIMEDOUT, "slow: no answer in time", monitor:exec("slow", nil, 0.01))
      peer:send '{"return":"late","id":1}{"return":"own","id":2}'
      assert.equal("own", monitor:exec("x", nil, LONG))
      assert.is_nil(monitor:replied())
    end)

    it("gives a late error without id to the command that it means", function()
      face_ready()
      fails(errno.ETIMEDOUT, nil, monitor:exec("slow", nil, 0))
      peer:send '{"error":{"class":"GenericError","desc":"late"}}{"return":"own","id":2}'
      assert.equal("own", monitor:exec("x", nil, LONG))
    end)

    it("takes back a command of which nothing was sent", function()
      face()
      fails(errno.ETIMEDOUT, "early: not sent in time", monitor:exec("early", nil, 0))
      peer:send(GREETING .. '{"return":{},"id":0}{"return":"own","id":2}')
      assert.equal("own", monitor:exec("x", nil, LONG))
      assert.is_nil(peer:read(1000, 0):find "early")
    end)

    it("sends the rest of a command that was cut by its time", function()
      meet {
        { "raw", '{"event":"FULL"}' },
        function(self)
          assert(#self:command().arguments.s == 1 << 22)
          local command = self:command()
          self:say { ["return"] = command.execute, id = command.id }
        end,
        "hang",
      }
      assert.equal("FULL", monitor:event(LONG).event)
      fails(errno.ETIMEDOUT, nil, monitor:exec("big", { s = ("q"):rep(1 << 22) }, 0))
      assert.equal("next", monitor:exec("next", nil, LONG))
    end)

    it("is not moved by bytes that drip", function()
      meet { { "drip", '{"return":"' .. ("x"):rep(10000), 0.002 }, "hang" }
      fails(errno.ETIMEDOUT, nil, monitor:exec("x", nil, 0.05))
    end)

    it("is not moved by a flood of events", function()
      meet {
        function(self)
          local events = ('{"event":"FLOOD","data":{"a":[1,2,3]}}\r\n'):rep(1000)
          while self.chan:send(events, LONG) do end
        end,
      }
      fails(errno.ETIMEDOUT, nil, monitor:exec("x", nil, 0.05))
      assert.equal("FLOOD", monitor:next_event().event)
    end)
  end)

  describe("events", function()
    it("come in order, and time out without hurting the stream", function()
      meet { { "event", "A", { n = 1 } }, { "event", "B" }, "serve" }
      local event = monitor:event(LONG)
      assert.same(
        { event = "A", data = { n = 1 }, timestamp = { seconds = 1, microseconds = 2 } }, event)
      assert.is_nil(monitor:event(LONG).data)
      fails(errno.ETIMEDOUT, "nothing came in time", monitor:event(0.01))
      assert.same({ name = "vm" }, monitor:exec("query-name", nil, LONG))
    end)

    it("are kept up to the bound, the newest, and the rest is counted", function()
      face_ready { events = 3 }
      for i = 1, 10 do peer:send(('{"event":"E%d"}'):format(i)) end
      monitor:step()
      assert.equal(7, monitor:dropped())
      for i = 8, 10 do assert.equal("E" .. i, monitor:next_event().event) end
      assert.is_nil(monitor:next_event())
    end)

    it("are kept up to so many bytes too", function()
      face_ready { size = 1000 }
      for i = 1, 10 do peer:send(('{"event":"E%d","data":"%s"}'):format(i, ("x"):rep(300))) end
      monitor:step()
      assert.equal(8, monitor:dropped() + 1)
      assert.equal("E8", monitor:next_event().event)
    end)

    it("may all be dropped, when so asked", function()
      face_ready { events = 0 }
      peer:send '{"event":"A"}{"return":1,"id":1}'
      assert.equal(1, monitor:exec("x", nil, LONG))
      assert.is_nil(monitor:next_event())
      assert.equal(1, monitor:dropped())
    end)
  end)

  describe("the end", function()
    it("comes with the answers and events that came before it", function()
      meet { { "reply", { bye = true } }, { "event", "SHUTDOWN" }, "die" }
      assert.same({ bye = true }, monitor:exec("quit", nil, LONG))
      assert.equal("SHUTDOWN", monitor:event(LONG).event)
      fails(errno.EPIPE, "closed by peer", monitor:event(LONG))
      ended(errno.EPIPE, "closed by peer")
    end)

    it("comes at once within an answer", function()
      meet { { "raw", '{"return":{"status"' }, function(self) self:command() end, "die" }
      fails(errno.EPIPE, "x: closed by peer within a message", monitor:exec("x", nil, LONG))
      ended(errno.EPIPE, "closed by peer within a message")
    end)

    it("comes to a client that writes first, without a signal", function()
      meet { "die" }
      assert.is_true(fake:finish())
      fails(errno.EPIPE, nil, monitor:exec("x", nil, LONG))
      fake = nil
    end)

    it("comes where the peer only stops reading", function()
      face_ready()
      local fd = peer:fd()
      peer:send '{"event":"LAST"}'
      require "posix.sys.socket".shutdown(fd, require "posix.sys.socket".SHUT_RD)
      fails(errno.EPIPE, "x: closed by peer", monitor:exec("x", nil, LONG))
      assert.equal("LAST", monitor:next_event().event)
    end)

    it("comes where the peer only stops writing", function()
      face_ready()
      peer:shutdown()
      fails(errno.EPIPE, "x: closed by peer", monitor:exec("x", nil, LONG))
    end)

    it("fails everything that was under way, once", function()
      face_ready()
      local ids = { monitor:submit("a"), monitor:submit("b") }
      peer:close()
      fails(errno.EPIPE, nil, monitor:step())
      for _, id in ipairs(ids) do
        assert.equal(id, monitor:replied())
        local ok, why, code = monitor:reply(id)
        assert.is_false(ok)
        assert.matches("^[ab]: closed by peer$", why)
        assert.equal(errno.EPIPE, code)
      end
      assert.is_nil(monitor:replied())
      peer = nil
    end)

    local nonsense = {
      ["a list"] = "[1,2,3]", ["a string"] = '"x"', ["a number"] = "42", null = "null",
      ["binary"] = "\x9c\xf7\x00\x01", ["a NUL"] = "\0", ["a byte order mark"] = "\u{FEFF}{}",
      ["a bracket too many"] = "{}}", ["HTTP"] = "HTTP/1.1 400 Bad Request\r\n",
      ["no JSON"] = "{x}", ["single quotes"] = "{'return':1}", ["a comment"] = '{"a":1/**/}',
      ["crossed brackets"] = '{"a":[}]', ["NaN"] = '{"return":NaN}',
      ["a raw newline"] = '{"a":"\n"}',
      ["a NUL in an object"] = '{"a":\0}', ["a trailing comma"] = '{"a":1,}',
      ["bad bytes outside of strings"] = '{"a":\xff}', ["depth"] = '{"a":' .. ("["):rep(200000),
      ["depth of objects"] = ('{"a":'):rep(2000),
    }
    for what, bytes in pairs(nonsense) do
      it("comes with " .. what, function()
        face_ready()
        peer:send(bytes, 0)
        local value, why, code = monitor:exec("x", nil, LONG)
        assert.is_nil(value)
        assert.equal(errno.EPROTO, code, why)
        ended(errno.EPROTO, (why:gsub("^x: ", "")))
      end)
    end

    it("comes with a message beyond its limit, soon", function()
      meet({
        function(self)
          self.chan:send('{"return":"', LONG)
          while self.chan:send(("y"):rep(65536), LONG) do end
        end,
      }, { size = 1 << 20 })
      fails(errno.EPROTO, "x: message over 1048576 bytes", monitor:exec("x", nil, LONG))
      fake.chan:close()
    end)

    it("does not come with nesting that is still allowed", function()
      face_ready()
      peer:send('{"return":' .. ("["):rep(1023) .. ("]"):rep(1023) .. ',"id":1}')
      assert.is_table(monitor:exec("x", nil, LONG))
      peer:send('{"return":' .. ("["):rep(1024) .. ("]"):rep(1024) .. ',"id":2}')
      fails(errno.EPROTO, "x: message nested deeper than 1024", monitor:exec("x", nil, LONG))
    end)
  end)

  it("closes what descriptors the peer sends", function()
    face_ready()
    local null = fcntl.open("/dev/null", fcntl.O_RDONLY)
    local before, flood = open_descriptors(), {}
    for i = 1, 60 do flood[i] = null end
    for i = 1, 50 do
      peer:send(('{"return":%d,"id":%d}'):format(i, i), LONG, flood)
      assert.equal(i, monitor:exec("x", nil, LONG))
    end
    assert.equal(before, (open_descriptors()))
    unistd.close(null)
  end)

  describe("in an event loop", function()
    it("never blocks, and says what it waits for", function()
      face()
      assert.is_true(monitor:step())
      assert.is_nil(monitor:deadline())
      assert.equal("r", monitor:wants())
      peer:send(GREETING)
      assert.is_true(monitor:step())
      peer:send '{"return":{},"id":0}'
      assert.is_true(monitor:step())
      assert.is_table(monitor:greeting())
      local id = monitor:submit("big", { s = ("x"):rep(1 << 22) }, { timeout = 1000 })
      assert.equal("rw", monitor:wants())
      assert.is_true(monitor:deadline() > 900 and monitor:deadline() <= 1000)
      assert.is_true(monitor:step())
      repeat
        while peer:read(1 << 20, 0) do end
        monitor:step()
      until monitor:wants() == "r"
      assert.is_nil(monitor:reply(id))
      peer:send(('{"return":1,"id":%d}'):format(id))
      monitor:step()
      assert.equal(id, monitor:replied())
      assert.same({ true, 1 }, { monitor:reply(id) })
      assert.is_nil(monitor:replied())
    end)

    it("takes answers in any order", function()
      face_ready()
      local ids = {}
      for i = 1, 100 do ids[i] = monitor:submit("x", nil, { timeout = LONG }) end
      for i = 100, 1, -1 do peer:send(('{"return":%d,"id":%d}'):format(i, ids[i])) end
      while monitor:step() and not monitor:reply(ids[1]) do end
      for i = 2, 100 do assert.same({ true, i }, { monitor:reply(ids[i]) }) end
    end)

    it("expires commands in a step, in whatever order they are due", function()
      face_ready()
      local slow = monitor:submit("slow", nil, { timeout = 1000 })
      local soon = monitor:submit("soon", nil, { timeout = 0 })
      local also = monitor:submit("also", nil, { timeout = 0 })
      assert.equal(0, monitor:deadline())
      monitor:step()
      assert.same({ false, "soon: no answer in time", errno.ETIMEDOUT }, { monitor:reply(soon) })
      assert.same({ false, "also: no answer in time", errno.ETIMEDOUT }, { monitor:reply(also) })
      assert.is_nil(monitor:reply(slow))
      assert.is_true(monitor:deadline() > 900)
      peer:send '{"return":2,"id":2}{"return":1,"id":1}{"return":3,"id":3}{"return":4,"id":4}'
      assert.equal(4, monitor:exec("x", nil, LONG))
      assert.same({ true, 1 }, { monitor:reply(slow) })
    end)

    it("raises for ids it never gave, or that were taken", function()
      face_ready()
      local id = monitor:submit("x")
      peer:send '{"return":1,"id":1}'
      monitor:step()
      assert.is_true(monitor:reply(id))
      assert.has_error(function() monitor:reply(id) end)
      assert.has_error(function() monitor:reply(99) end)
      assert.has_error(function() monitor:reply(0) end)
    end)
  end)

  describe("open", function()
    it("takes the channel over, with what it had read", function()
      local ours
      ours, peer = chan.pair()
      peer:send("first\n" .. GREETING .. '{"return":{},"id":0}')
      assert.equal("first", ours:receive(0))
      monitor = core.qmp.open(ours)
      assert.has_error(function() ours:fd() end)
      assert(monitor:handshake(0))
    end)

    it("takes a descriptor", function()
      local ours
      ours, peer = chan.pair()
      local fd = ours:release()
      monitor = core.qmp.open(fd)
      assert.equal(fd, monitor:fd())
      monitor:close()
      assert.is_nil(fcntl.fcntl(fd, fcntl.F_GETFD))
    end)

    it("refuses what can be no monitor", function()
      fails(errno.EBADF, nil, core.qmp.open(9999))
      local path = os.tmpname()
      os.remove(path)
      local server <close> = chan.listen(path)
      assert.has_error(function() core.qmp.open(server) end)
      assert.has_error(function() core.qmp.open("x") end)
      os.remove(path)
      face():close()
      assert.has_error(function() monitor:step() end)
      monitor = nil
    end)
  end)
end)

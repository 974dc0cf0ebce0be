-- Clients of the control socket that send or leave unread whatever they can: what they cost is
-- bounded for all of them together, and the others are answered meanwhile.
local control = require "lunik.control"
local core = require "lunik.core"
local dirent = require "posix.dirent"
local errno = require "posix.errno"
local input = require "lunik.vm.guest.input"
local loop = require "lunik.async.loop"
local machines = require "lunik.supervisor.machines"
local scratch = require "support.scratch"
local session = require "lunik.control.session"
local stdio = require "posix.stdio"
local supervisor = require "lunik.supervisor.client"
local unistd = require "posix.unistd"
local wait = require "lunik.async.wait"

local MIB = 1 << 20

local function descriptors()
  local count = 0
  for _ in dirent.files "/proc/self/fd" do count = count + 1 end
  return count
end

describe("a hostile client", function()
  local dir, l, server, told, output, given

  -- A machine that answers QEMU's commands with a long text, and runs programs that print much.
  local function machine()
    return { listen = function() end, why_silent = function() end, abandon = function() end,
      monitor = { qmp = { greeting = function() return { version = {} } end } },
      tell = function(_, kind, text) told[#told + 1] = kind .. ": " .. text end,
      pass = function(_, name, _, done)
        done(name == "query-qmp-schema" and core.json.array { ("s"):rep(200000) } or {})
      end,
      streams = { open = function() return nil, "no channels", "unsupported" end },
      guest = { exec = function(_, _, options)
        local parts = {}
        for piece in input.pieces(options.input or "", 4096) do parts[#parts + 1] = piece end
        given = table.concat(parts)
        return { status = 0, out = output, err = output }
      end } }
  end

  before_each(function()
    dir, told, output = scratch.new(), {}, ("o"):rep(16 * MIB)
    l = loop.new()
    server = control.new(l, assert(core.chan.listen(dir .. "/c", { backlog = 64 })))
    server:serve(machine())
  end)
  after_each(function()
    l:run(function() server:close() end)
    l:close()
    scratch.remove(dir)
  end)

  local client = {}
  client.__index = client

  local function connect()
    local self = setmetatable({ chan = assert(core.chan.connect(dir .. "/c", 5)) }, client)
    assert(self:answer().QMP)
    self:send '{"execute":"qmp_capabilities"}'
    assert(self:answer()["return"])
    return self
  end

  function client:send(text) return wait.send(l, self.chan, text, 20) end

  function client:answer()
    local line, why = wait.line(l, self.chan, 20, 64 * MIB)
    return line and core.json.decode(line), why
  end

  function client:ask(name, arguments)
    self:send(core.json.encode { execute = name, arguments = arguments })
    return self:answer()
  end

  it("takes no place from lunik's own verbs without their saying so", function()
    l:run(function()
      local many = {}
      for i = 1, 64 do many[i] = connect() end
      local vm, why, code = supervisor.open("t", dir .. "/c", l)
      assert.is_nil(vm)
      assert.equal("lunik-status: the control socket has 64 clients, and takes no more", why)
      assert.equal(errno.EBUSY, code)
      assert.equal("machine 't' has as many clients as its control socket takes: close one; "
        .. "lunik down t works all the same", machines.advice("t", "busy"))
      for _, one in ipairs(many) do one.chan:close() end
    end)
  end)

  it("is refused millions of values, which cost it alone some bytes", function()
    l:run(function()
      local one, other = connect(), connect()
      local before = collectgarbage "count"
      local asked = l:spawn("asked", function()
        one:send('{"execute":"x","arguments":{"a":[' .. ("{},"):rep(5000000) .. "{}]}}")
        return one:answer()
      end)
      assert.same({}, other:ask("query-name")["return"])
      local _, answer = asked:join()
      assert.equal("JSON parse error, json: over 65536 values", answer.error.desc)
      assert.is_true(collectgarbage "count" - before < 64 << 10)
      assert.same({}, one:ask("query-name")["return"])
    end)
  end)

  it("has a long command in single quotes read as any other", function()
    l:run(function()
      local one = connect()
      one:send("{'execute':'query-name','arguments':{'a':'" .. ("it\\'s \""):rep(1750000)
               .. "'}}")
      assert.same({}, one:answer()["return"])
    end)
  end)

  it("hands over a file where bytes are expected, and nothing else", function()
    l:run(function()
      local one = connect()
      output = "short"
      local command = '{"execute":"lunik-exec","arguments":{"argv":["x"],"input-fd":true}}'
      local function ask(...)
        assert(one.chan:send(command, 5, { ... }))
        return one:answer()
      end
      local file <close> = io.tmpfile()
      file:write(("long"):rep(MIB))
      file:flush()
      local before = descriptors()
      local answer = ask(stdio.fileno(file))
      assert.equal(0, answer["return"].status)
      assert.equal(("long"):rep(MIB), given)
      assert.equal("Parameter 'input-fd': no descriptor came with the command",
                   ask().error.desc)
      local reader, writer = unistd.pipe()
      assert.equal("Parameter 'input-fd': the descriptor is no file's", ask(reader).error.desc)
      unistd.close(reader)
      unistd.close(writer)
      assert.equal(before, descriptors())
      for _ = 1, 50 do
        assert(one.chan:send('{"execute":"query-name"} ', 5, { stdio.fileno(file) }))
        one:answer()
      end
      assert.equal(before + 1, descriptors())
      one.chan:close()
      while server.count > 0 do l:sleep(0.01) end
      assert.equal(before - 2, descriptors())     -- both ends of the connection
    end)
  end)

  it("leaves answers unread, and is cut off where all have too many", function()
    l:run(function()
      local deaf, heard = {}, connect()
      for i = 1, 20 do
        deaf[i] = connect()
        deaf[i]:send(('{"execute":"query-qmp-schema"}'):rep(40))
      end
      for _ = 1, 50 do assert.same({}, heard:ask("query-name")["return"]) end
      assert.is_true(server.handed.going.total <= 16 * MIB)
      assert.is_true(#told > 0)
      assert.equal("problem: a client of the control socket is cut off: it sends, or leaves "
                   .. "unread, too much", told[1])
      for _, one in ipairs(deaf) do one.chan:close() end
      while server.count > 1 do l:sleep(0.01) end
      assert.equal(0, server.handed.going.total)
    end)
  end)

  it("says half a command of many bytes, and is cut off where all have said too much", function()
    l:run(function()
      local many, heard = {}, connect()
      local half = '{"execute":"' .. ("x"):rep(15 * MIB)
      for i = 1, 3 do
        many[i] = connect()
        many[i]:send(half)
      end
      while server.count > 3 do
        assert.is_true(server.handed.coming.total <= 32 * MIB)
        assert.same({}, heard:ask("query-name")["return"])
      end
      for _, one in ipairs(many) do one.chan:close() end
      while server.count > 1 do l:sleep(0.01) end
      assert.equal(0, server.handed.coming.total)
    end)
  end)

  it("gets a long answer whole while it reads, and nobody's else when it does not", function()
    local stalled = session.STALLED
    session.STALLED = 2
    l:run(function()
      local deaf, reader, other = connect(), connect(), connect()
      deaf:send '{"execute":"lunik-exec","arguments":{"argv":["x"]}}'
      local answer = reader:ask("lunik-exec", { argv = { "x" } })["return"]
      assert.equal(16 * MIB, #core.base64.decode(answer["out-b64"]))
      assert.equal(16 * MIB, #core.base64.decode(answer["err-b64"]))
      assert.same({}, other:ask("query-name")["return"])
      while server.count > 2 do l:sleep(0.01) end
      assert.equal(1, #told)
    end)
    session.STALLED = stalled
  end)
end)

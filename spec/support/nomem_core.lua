-- What core.nomem_spec has run without memory.
local core = require "lunik.core"
local nomem = require "support.nomem"
local qmp_peer = require "support.qmp_peer"

local cases = {}

local text = [[{"a":[1,2,{"b":"]] .. ("long "):rep(300) .. [["}],"c":1.5,"d":18446744073709551615,
  "e":"caf\u00e9\n","f":[true,false,null,"","]] .. ("x"):rep(31) .. [["],"g":{"h":{"i":{}}}}]]

function cases.decode()
  for _, one in ipairs { text, "[1]", '"a text of its own"', "12345", "1e3", "null", '{"a":{}}' } do
    nomem.sweep("decode", function() return function() return core.json.decode(one) end end)
  end
end

function cases.encode()
  local value = core.json.decode(text)
  nomem.sweep("encode", function() return function() return core.json.encode(value) end end)
end

-- What could not be fed is fed again: none of it was there.
function cases.splitter()
  local long = '{"a":"' .. ("x"):rep(300000) .. '"}'
  nomem.sweep("splitter", function()
    local splitter = core.json.splitter()
    return function()
      local ok, why, code = splitter:feed(long)
      if ok then return splitter:next() end
      assert(splitter:feed(long))
      assert(splitter:next())
      assert(splitter:next() == nil)
      return nil, why, code
    end
  end)
end

function cases.qmp()
  nomem.sweep("qmp", function()
    local fake = qmp_peer.start { "hello", { "event", "RESUME", { why = "x" } }, "serve" }
    local monitor
    return function()
      local why, code, value
      monitor, why, code = core.qmp.open(fake.chan)
      if not monitor then return nil, why, code end
      value, why, code = monitor:handshake(20)
      if not value then return nil, why, code end
      value, why, code = monitor:exec("query-status", { a = ("x"):rep(300) }, 20)
      if not value then return nil, why, code end
      local id
      id, why, code = monitor:submit("query-name", nil, { timeout = 20 })
      if not id then return nil, why, code end
      return value
    end, function()
      if monitor then monitor:close() end
      fake:finish()
    end
  end)
end

function cases.spawn()
  nomem.sweep("spawn", function()
    local child
    return function()
      local why, code
      child, why, code = core.proc.spawn { argv = { "true", "a" }, env = { "A=b" }, path = true,
        fds = { [1] = 1, [2] = 2 }, rlimits = { { resource = 4, soft = 0, hard = 0 } } }
      if not child then return nil, why, code end
      return (child:wait(60))
    end, function()
      if child then child:wait(60) end
    end
  end)
end

function cases.options()
  local content = require "support.small_schema"
  nomem.sweep("options", function()
    return function()
      return core.options.build(core.options.compile(content.schema()), content.line())
    end
  end)
end

function cases.argv()
  nomem.sweep("argv", function()
    return function()
      return core.argv.render { "qemu", { "-device", "x", "a", ("y,"):rep(2000), "b", 3 } }
    end
  end)
end

function cases.chan()
  local line = ("0123456789"):rep(3000)
  nomem.sweep("chan", function()
    local near, far = assert(core.chan.pair())
    return function()
      local ok, why, code = near:send(line .. "\n", 20, { 1, 2 })
      if not ok then return nil, why, code end
      return far:receive(20, 1 << 20, 2)
    end, function()
      near:close()
      far:close()
    end
  end)
end

-- A line that memory ran out for is there still, with its descriptors.
function cases.kept()
  local far, n = nil, 1
  local function receive() return far:receive(20, 1 << 20, 2) end
  repeat
    local near
    near, far = assert(core.chan.pair())
    assert(near:send("first\nsecond\n", 20, { 1 }))
    local count, ok, first, fds = nomem.try(n, 1 << 40, receive)
    if not ok or not first then first, fds = receive() end
    assert(first == "first" or first == nil, first)
    local second, more = receive()
    assert(second == "second", second)
    assert((fds and #fds or 0) + (more and #more or 0) == 1)
    require "posix.unistd".close((fds or more)[1])
    near:close()
    far:close()
    n = n + 1
  until n > count
  print "kept"
end

return function(shim, name)
  nomem.load(shim)
  cases[name]()
end

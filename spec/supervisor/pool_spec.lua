-- A pool's parts: what is believed of its clients, of its process and of its record, and for how
-- many clones there is room.
local book = require "lunik.supervisor.pool.book"
local core = require "lunik.core"
local desk = require "lunik.supervisor.pool.desk"
local host = require "lunik.host"
local loop = require "lunik.async.loop"
local places = require "lunik.supervisor.pool.places"
local room = require "lunik.supervisor.pool.room"
local scratch = require "support.scratch"
local unistd = require "posix.unistd"
local wait = require "lunik.async.wait"
local wire = require "lunik.supervisor.pool.wire"

local function within(work)
  local l <close> = loop.new()
  return l:run(work, l)
end

describe("a client of a pool", function()
  -- What is made of an answer.
  local function asked(answer, fds)
    return within(function(l)
      local ours, theirs = core.chan.pair()
      if not answer then theirs:close() end
      if fds then theirs:send(answer, 1, fds) end
      l:spawn("answer", function()
        if answer and not fds then wait.send(l, theirs, answer, 5) end
      end)
      local found, fd = wire.ask(l, ours, { ask = "status" }, 5)
      ours:close()
      theirs:close()
      return found, fd
    end)
  end

  it("takes of an answer what it knows, and nothing that is none", function()
    assert.same({ name = "web-1" }, asked '{"lunik":1,"name":"web-1","more":[1],"code":{}}\n')
    assert.same({ why = "\\x1b[2J" }, asked '{"why":"\\u001b[2J"}\n')
    assert.same({}, asked '{"status":{"name":"web"}}\n')
    for _, text in ipairs { "x\n", "[]x\n", "7\n", "null\n" } do
      local answer, why = asked(text)
      assert.is_nil(answer)
      assert.equal("what it answers is no answer of a pool's", why)
    end
    assert.is_nil((asked()))
    assert.is_nil((asked(("x"):rep(2 << 20))))
  end)

  it("keeps no descriptor that came with nonsense", function()
    local function count() return #scratch.list "/proc/self/fd" end
    asked("x\n", { 0 })
    collectgarbage()
    local before = count()
    for _ = 1, 8 do asked("x\n", { 0 }) end
    collectgarbage()
    assert.equal(before, count())
    local _, fd = asked('{"name":"web-1"}\n', { 0 })
    assert.is_true(fd > 2)
    unistd.close(fd)
  end)
end)

describe("a pool's desk", function()
  local dir
  setup(function() dir = scratch.new() end)
  teardown(function() scratch.remove(dir) end)

  -- Calls work(loop, ask(text, fds) -> line, pool) with a desk of a pool that has `clones`.
  local function with(clones, work)
    within(function(l)
      local pool = { claimed = {}, told = {}, gone = l:latch() }
      function pool.next() return table.remove(clones, 1) end
      function pool.lack() return "none" end
      function pool.want() end
      function pool.tell(_, _, text) table.insert(pool.told, text) end
      function pool.status() return { name = "web" } end
      function pool.claim(_, one, keep)
        table.insert(pool.claimed, { one.name, keep })
        return true
      end
      local path = dir .. "/web.sock"
      local it = assert(desk.open(l, path, pool))
      local task = l:spawn("desk", desk.work, it)
      work(l, function(text)
        local chan = assert(core.chan.connect(path, 1))
        if text then chan:send(text, 1) end
        return chan
      end, pool, it)
      task:cancel()
      it:close()
    end)
  end

  local function line(l, chan) return (wait.line(l, chan, 5)) end

  local function one(name, l)
    local ours = core.chan.pair()
    return { name = name, loop = l, fd = function() return ours:fd() end,
             let_go = function() ours:close() end }
  end

  it("answers what is no request, and lets go of who says nothing", function()
    with({}, function(l, connect, pool)
      for _, text in ipairs { "x\n", "{}\n", '{"ask":"none"}\n', '{"ask":7}\n', '{"ask":"claim',
                              ("x"):rep(5000) } do
        local chan = connect(text)
        chan:shutdown()
        local answer = core.json.decode(line(l, chan))
        assert.equal("invalid", answer.code)
        chan:close()
      end
      local chan = connect '{"ask":"status"}\n'
      assert.equal("web", core.json.decode(line(l, chan)).status.name)
      chan:close()
      assert.same({}, pool.told)
    end)
  end)

  it("serves those who wait in their order, and none who has left", function()
    local clones = {}
    with(clones, function(l, connect, pool, it)
      local chans = {}
      for i = 1, 3 do
        chans[i] = connect '{"ask":"claim"}\n'
        while it:waiting() < i do l:sleep(0.01) end
      end
      chans[2]:close()
      while it:waiting() > 2 do l:sleep(0.01) end
      clones[1], clones[2] = one("web-1", l), one("web-2", l)
      it:serve()
      assert.equal("web-1", core.json.decode(line(l, chans[1])).name)
      assert.equal("web-2", core.json.decode(line(l, chans[3])).name)
      assert.same({ { "web-1" }, { "web-2" } }, pool.claimed)
      local refused = connect '{"ask":"claim","wait":false}\n'
      assert.equal("busy", core.json.decode(line(l, refused)).code)
      local last = connect '{"ask":"claim","keep":true}\n'
      while it:waiting() < 1 do l:sleep(0.01) end
      it:dismiss "it is being stopped"
      assert.equal("it is being stopped", core.json.decode(line(l, last)).why)
    end)
  end)
end)

describe("a pool's process", function()
  local clone = require "lunik.supervisor.pool.clone"
  local fork = require "lunik.supervisor.fork"
  local keeper = require "lunik.supervisor.pool.keeper"
  local STUBBED = { find = function() end, bury = function() return true end }
  local dir, real
  setup(function()
    dir = scratch.new()
    real = { state = host.state, runtime = host.runtime, open = fork.open, another = fork.another,
             clone = {} }
    for _, name in ipairs { "find", "bury", "wait", "runs" } do real.clone[name] = clone[name] end
    host.state, host.runtime = dir .. "/state", dir .. "/run"
  end)
  before_each(function()
    for name, fn in pairs(STUBBED) do clone[name] = fn end
  end)
  teardown(function()
    host.state, host.runtime = real.state, real.runtime
    fork.open, fork.another = real.open, real.another
    for name, fn in pairs(real.clone) do clone[name] = fn end
    scratch.remove(dir)
  end)

  -- Writes down what an earlier pool has left.
  local function left(state)
    local _ <close> = assert(book.take "web")
    assert(book.write { name = "web", from = "/m.saved", warm = 1, most = 1, next = 2,
                        budget = 1 << 30, clones = { { name = "web-1", state = state } } })
  end

  -- A task that keeps a pool, in which one clone may be, and which calls ready(), and closed() at
  -- last.
  local function run(l, warm, ready, closed)
    function fork.open() return setmetatable({}, { __close = closed }) end
    return l:spawn("keeper", keeper.run, l, { name = "web", path = "/m.saved", budget = 1 << 30,
                                              warm = warm, most = 1 },
                   { tell = function() end, begun = function() end, ready = ready })
  end

  it("has given the pool up when it says that it has stopped", function()
    within(function(l)
      local up, closing, over = l:latch(), l:latch(), l:latch()
      function clone.wait() over:wait() end
      function clone.runs() return true end
      left "claimed"
      local task = run(l, 0, function() up:set(true) end, function() closing:wait() end)
      up:wait()
      local chan <close> = assert(core.chan.connect(places.socket "web", 1))
      assert.same({ left = { "web-1" } }, (wire.ask(l, chan, { ask = "stop" }, 5)))
      -- its memory is still to be let go, which may take a moment
      local _ <close> = assert(book.take "web")
      closing:set(true)
      over:set(true)
      task:join()
    end)
  end)

  it("waits for clones that are just ending before it says that there is no room", function()
    within(function(l)
      local over, told = l:latch(), {}
      function clone.wait() over:wait() end
      function fork.another()
        told[#told + 1] = "another"
        return nil, "that is all"
      end
      left "ready"
      local task = run(l, 1, function() told[1] = "ready" end, function() end)
      for _ = 1, 8 do l:pass() end
      assert.same({}, told)
      over:set(true)
      task:join()
      assert.same({ "another" }, told)
    end)
  end)
end)

describe("a pool's record", function()
  local dir, state
  setup(function()
    dir, state = scratch.new(), host.state
    host.state = dir
  end)
  teardown(function()
    host.state = state
    scratch.remove(dir)
  end)

  it("is what was written, and of anything else what it can be", function()
    local _ <close> = assert(book.take "web")
    local clones = { { name = "web-1", state = "claimed", claimed = 7, kept = true },
                     { name = "web-2", state = "ready" } }
    local pool = { name = "web", from = "/m\xff.saved", warm = 2, most = 3, budget = 1 << 30,
                   next = 3, clones = clones }
    assert(book.write(pool))
    assert.same(pool, book.read "web")
    assert.same({ nil, "pool 'web' is there already: lunik pools", true }, { book.take "web" })

    scratch.write(places.book "web", '{"name":"../x","next":-1,"warm":"2","most":3,"clones":'
      .. '[{"name":"../m","state":"claimed"},{"name":"web-1","state":"odd"},7,'
      .. '{"name":"web-4","state":"claimed","claimed":"now"}]}')
    assert.same({ name = "web", next = 1, most = 3,
                  clones = { { name = "web-4", state = "claimed" } } }, book.read "web")
    scratch.write(places.book "web", "[[[")
    assert.is_nil((book.read "web"))
    places.forget "web"
    assert.same({}, scratch.list(dir))
  end)
end)

describe("the room of a pool", function()
  local function clones(...)
    local list = {}
    for i, state in ipairs { ... } do
      list[i] = { state = state, takes = function() return 100 end }
    end
    return list
  end

  local function lack(wanted, ...)
    return (room.lack(clones(...), setmetatable(wanted, { __index = { warm = 2, most = 4,
                                                                    budget = 1 << 30 } })))
  end

  it("is bounded by their number, the host's CPUs and the memory that they take", function()
    assert.is_nil(lack({}, "ready"))
    assert.equal("enough", lack({}, "ready", "starting"))
    assert.is_nil(lack({ warm = 3 }, "ready", "ready"))
    assert.equal("number", lack({}, "claimed", "claimed", "ending", "ready"))
    local starting = {}
    for i = 1, host.cpus do starting[i] = "starting" end
    assert.equal("cpus", lack({ warm = 100, most = 1000 }, table.unpack(starting)))
    assert.same({ "failed", 3 }, { room.lack(clones(), { warm = 1, most = 1, again = 3 }) })
    assert.same({ "claimed", 3 }, { room.lack(clones(), { warm = 1, most = 1, moment = 3 }) })
    assert.is_nil(lack({ moment = -1 }, "ready"))
  end)

  it("is not known while clones come, or go that others could follow", function()
    local function is_final(reason, ...) return room.is_final(clones(...), reason) end
    assert.is_true(is_final("enough", "ready", "claimed", "ending"))
    assert.is_false(is_final("enough", "ready", "starting"))
    assert.is_false(is_final("number", "claimed", "ending"))
    assert.is_false(is_final("memory", "ready", "ending"))
    assert.is_true(is_final("number", "claimed", "ready"))
    assert.is_false(is_final("cpus", "starting"))
  end)

  it("is what the next would take more, once it is known", function()
    assert.is_nil(lack({ budget = 1 }))
    assert.is_nil(lack({ budget = 300 }, "claimed", "ready"))
    assert.equal("memory", lack({ budget = 299 }, "claimed", "ready"))
    assert.equal("its clones take 200 MiB, one more some 100, and --budget is 299", room.text(
      "memory", { { takes = function() return 100 << 20 end },
                  { takes = function() return 100 << 20 end } }, { budget = 299 << 20 }))
  end)
end)

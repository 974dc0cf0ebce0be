local errno = require "posix.errno"
local unistd = require "posix.unistd"
local loop = require "lunik.async.loop"

describe("loop", function()
  it("returns what the main function returned, nils included", function()
    local results = table.pack(loop.new():run(function(...) return nil, ..., nil end, 7))
    assert.same({ nil, 7, nil, n = 3 }, results)
  end)

  it("runs tasks beside the main one and joins their results", function()
    local l, order = loop.new(), {}
    l:run(function()
      local other = l:spawn("other", function(x)
        order[#order + 1] = "other"
        l:sleep(0.001)
        return x, x + 1
      end, 4)
      order[#order + 1] = "main"
      assert.same({ true, 4, 5 }, { other:join() })
      assert.same({ true, 4, 5 }, { other:join() })
    end)
    assert.same({ "main", "other" }, order)
  end)

  it("waits for a descriptor to become readable, and says so", function()
    local l = loop.new()
    local r, w = unistd.pipe()
    l:run(function()
      local reader = l:spawn("reader", function() return l:wait(r, "r", 5) end)
      l:pass()
      assert.is_false(reader.finished:is_set())
      unistd.write(w, "x")
      assert.same({ true, "r" }, { reader:join() })
      assert.equal("w", l:wait(w, "rw"))
    end)
    unistd.close(r)
    unistd.close(w)
  end)

  it("gives one descriptor to a reader and a writer at once", function()
    local l = loop.new()
    local socket = require "posix.sys.socket"
    local a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM, 0)
    l:run(function()
      local reader = l:spawn("reader", function() return l:wait(a, "r", 5) end)
      local writer = l:spawn("writer", function() return l:wait(a, "w", 5) end)
      assert.same({ true, "w" }, { writer:join() })
      socket.send(b, "x")
      assert.same({ true, "r" }, { reader:join() })
    end)
    unistd.close(a)
    unistd.close(b)
  end)

  it("ends a wait at its deadline with ETIMEDOUT", function()
    local l = loop.new()
    local r, w = unistd.pipe()
    l:run(function()
      local late = { nil, "timed out", errno.ETIMEDOUT, n = 3 }
      assert.same(late, table.pack(l:wait(r, "r", 0.01)))
      assert.same(late, table.pack(l:condition():wait(0)))
      assert.same(late, table.pack(l:latch():wait(0)))
    end)
    unistd.close(r)
    unistd.close(w)
  end)

  it("sees the end of a peer as something to read", function()
    local l = loop.new()
    local r, w = unistd.pipe()
    unistd.close(w)
    assert.equal("r", l:run(function() return l:wait(r, "r", 5) end))
    unistd.close(r)
  end)

  it("wakes sleepers in the order of their deadlines", function()
    local l, order = loop.new(), {}
    l:run(function()
      local tasks = {}
      for i, seconds in ipairs { 0.9, 0.3, 0.6 } do
        tasks[i] = l:spawn("sleeper", function()
          l:sleep(seconds)
          order[#order + 1] = seconds
        end)
      end
      for _, t in ipairs(tasks) do t:join() end
    end)
    assert.same({ 0.3, 0.6, 0.9 }, order)
  end)

  it("fires a condition at all who wait for it, and at nobody who comes later", function()
    local l = loop.new()
    l:run(function()
      local bell, heard = l:condition(), {}
      for i = 1, 3 do
        l:spawn("listener", function() heard[i] = bell:wait(5) end)
      end
      l:pass()
      bell:fire("ding")
      assert.is_nil((bell:wait(0)))
      assert.same({ "ding", "ding", "ding" }, heard)
    end)
  end)

  it("keeps what a latch was set with first", function()
    local l = loop.new()
    l:run(function()
      local done = l:latch()
      local waiter = l:spawn("waiter", function() return done:wait() end)
      l:pass()
      done:set(1, nil, 3)
      done:set(2)
      assert.same({ true, 1, nil, 3, n = 4 }, table.pack(waiter:join()))
      assert.same({ 1, nil, 3, n = 3 }, table.pack(done:wait()))
    end)
  end)

  it("hands the traceback of a task to whoever joins it", function()
    local l = loop.new()
    l:run(function()
      local ok, why
      local joiner = l:spawn("joiner", function()
        local bad = l:spawn("bad", function() l:sleep(0) error("broken here") end)
        ok, why = bad:join()
      end)
      joiner:join()
      assert.is_false(ok)
      assert.matches("broken here", why)
      assert.matches("stack traceback", why)
    end)
  end)

  it("raises what a task raised that nobody joined, after closing all others", function()
    local l, closed = loop.new(), {}
    local function guarded(name)
      local _ <close> = setmetatable({}, { __close = function() closed[name] = true end })
      l:sleep(60)
    end
    local ok, why = pcall(l.run, l, function()
      l:spawn("a", guarded, "a")
      l:spawn("bad", function() l:sleep(0) error "nobody asked" end)
      guarded "main"
    end)
    assert.is_false(ok)
    assert.matches("task 'bad'.*nobody asked", why)
    assert.same({ a = true, main = true }, closed)
  end)

  it("tells the owner of a task that raises and that nobody joins, and runs on", function()
    local l, told = loop.new(), {}
    local function owner(text) told[#told + 1] = text end
    assert.equal("done", l:run(function()
      l:spawn_for(owner, "bad", function() l:sleep(0) error "said the guest" end)
      l:spawn_for(owner, "odd", function() coroutine.yield "what" end)
      l:sleep(0.005)
      return "done"
    end))
    assert.equal(2, #told)
    local text = table.concat(told, "\n")
    assert.matches("bug: task 'bad': .*said the guest", text)
    assert.matches("bug: task 'odd': yielded something that is not a wait", text)
  end)

  it("gives what a task starts to the task's owner", function()
    local l, told = loop.new(), nil
    l:run(function()
      l:spawn_for(function(text) told = text end, "outer", function()
        l:spawn("inner", function()
          l:spawn("innermost", function() l:pass() error "deep down" end)
        end)
      end)
      l:sleep(0.005)
    end)
    assert.matches("task 'innermost': .*deep down", told)
  end)

  it("raises where the owner raises itself", function()
    local l = loop.new()
    local ok, why = pcall(l.run, l, function()
      l:spawn_for(function() error "cannot tell" end, "bad", function() error "first" end)
      l:sleep(60)
    end)
    assert.is_false(ok)
    assert.matches("task 'bad'.*first", why)
  end)

  it("tells nobody where somebody joins", function()
    local l, told = loop.new(), nil
    l:run(function()
      local bad = l:spawn_for(function(text) told = text end, "bad", function() error "no" end)
      assert.is_false((bad:join()))
    end)
    assert.is_nil(told)
  end)

  it("lets the others run while a peer sends without end", function()
    local chan, wait = require "lunik.core".chan, require "lunik.async.wait"
    local l, a, b = loop.new(), chan.pair()
    local turns, stop = 0, false
    l:run(function()
      l:spawn("flood", function()
        while not stop do
          b:send(("y\n"):rep(4096), 0)
          l:pass()
        end
      end)
      local greedy = l:spawn("greedy", function()
        for _ = 1, 2000 do wait.line(l, a, 5) end
      end)
      l:spawn("other", function()
        while not stop do
          turns = turns + 1
          l:pass()
        end
      end)
      greedy:join()
      stop = true
    end)
    assert.is_true(turns >= 200, turns .. " turns")
    a:close()
    b:close()
  end)

  it("says so when every task waits for another one", function()
    local l = loop.new()
    local ok, why = pcall(l.run, l, function() l:condition():wait() end)
    assert.is_false(ok)
    assert.matches("every task waits", why)
  end)

  it("cancels a task where it waits, and closes what it held", function()
    local l, closed = loop.new(), nil
    l:run(function()
      local held = l:spawn("held", function()
        local _ <close> = setmetatable({}, { __close = function() closed = l:can_wait() end })
        l:sleep(60)
      end)
      l:pass()
      held:cancel()
      assert.same({ false, "cancelled" }, { held:join() })
    end)
    assert.is_false(closed)
  end)

  it("does not wake a task that is just cancelled, where what it closes runs the loop", function()
    local l, fired = loop.new(), false
    l:run(function()
      local condition = l:condition()
      local one = l:spawn("one", function()
        local _ <close> = setmetatable({}, { __close = function()
          l:run(function() l:pass() end)
        end })
        fired = condition:wait()
      end)
      l:pass()
      condition:fire(true)             -- it is ready, too
      one:cancel()
      assert.same({ false, "cancelled" }, { one:join() })
    end)
    assert.is_false(fired)
  end)

  it("lets a coroutine inside a task hand its waits on", function()
    local l = loop.new()
    l:run(function()
      local inner = coroutine.wrap(function() return l:sleep(0.001) or "slept" end)
      local answer = table.pack(coroutine.yield(inner()))
      assert.equal("slept", inner(table.unpack(answer, 1, answer.n)))
    end)
  end)

  it("refuses to wait outside a task", function()
    local l = loop.new()
    assert.has_error(function() l:sleep(1) end, "only a task of the loop can wait")
    assert.is_false(l:can_wait())
  end)

  it("ends a task that yields something else", function()
    local l = loop.new()
    l:run(function()
      local odd = l:spawn("odd", function() coroutine.yield "what" end)
      local ok, why = odd:join()
      assert.is_false(ok)
      assert.matches("not a wait", why)
    end)
  end)
end)

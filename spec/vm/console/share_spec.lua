-- One console for several people, each with a bounded queue.
local console = require "lunik.vm.console"
local core = require "lunik.core"
local loop = require "lunik.async.loop"
local scratch = require "support.scratch"
local share = require "lunik.vm.console.share"
local wait = require "lunik.async.wait"

describe("a shared console", function()
  local dir
  before_each(function() dir = scratch.new() end)
  after_each(function() scratch.remove(dir) end)

  -- fn(guest, connect, loop, share): `guest` is the guest's end, connect() somebody who attaches.
  local function sharing(fn)
    local l <close> = loop.new()
    l:run(function()
      local ours, guest = core.chan.pair()
      local one = console.new(l, ours)
      local shared = share.new(l, one, assert(core.chan.listen(dir .. "/attach.sock")))
      local tasks = { l:spawn("console", one.work, one), l:spawn("share", shared.work, shared) }
      local function connect() return assert(core.chan.connect(dir .. "/attach.sock", 5)) end
      fn(guest, connect, l, shared)
      for _, task in ipairs(tasks) do task:cancel() end
      shared:close()
    end)
  end

  local function reads(l, chan, count)
    local text = ""
    while #text < count do
      text = text .. assert(wait.read(l, chan, 10, count - #text))
    end
    return text
  end

  local function until_count(l, shared, count)
    local ends = l.now() + 10
    repeat l:pass() until shared.count == count or l.now() > ends
    assert.equal(count, shared.count)
  end

  it("shows everybody what the guest says, and a newcomer what it said last", function()
    sharing(function(guest, connect, l)
      local one = connect()
      guest:send("early ", 5)
      assert.equal("early ", reads(l, one, 6))
      local two = connect()
      assert.equal("early ", reads(l, two, 6))
      guest:send("late", 5)
      assert.same({ "late", "late" }, { reads(l, one, 4), reads(l, two, 4) })
      one:close()
      two:close()
    end)
  end)

  it("shows a newcomer no question that its terminal would answer, but for live ones", function()
    sharing(function(guest, connect, l, shared)
      local one = connect()
      until_count(l, shared, 1)
      guest:send("login: \27[6n\27]11;?\7\27[31m", 5)
      assert.equal("login: \27[6n\27]11;?\7\27[31m", reads(l, one, 23))
      local two = connect()
      assert.equal("login: \27[31m", reads(l, two, 12))
      guest:send("\27[6n.", 5)
      assert.same({ "\27[6n.", "\27[6n." }, { reads(l, one, 5), reads(l, two, 5) })
      one:close()
      two:close()
    end)
  end)

  it("asks a newcomer nothing where the question began before it came", function()
    sharing(function(guest, connect, l, shared)
      local one = connect()
      until_count(l, shared, 1)
      guest:send("a\27[6", 5)
      reads(l, one, 4)
      local two = connect()
      assert.equal("a", reads(l, two, 1))
      guest:send("nb\27[6n", 5)
      assert.same({ "nb\27[6n", "b\27[6n" }, { reads(l, one, 6), reads(l, two, 5) })
      one:close()
      two:close()
    end)
  end)

  it("hands the guest what anybody types", function()
    sharing(function(guest, connect, l)
      local one, two = connect(), connect()
      one:send("from one", 5)
      assert.equal("from one", reads(l, guest, 8))
      two:send("from two", 5)
      assert.equal("from two", reads(l, guest, 8))
      one:close()
      two:close()
    end)
  end)

  it("does not wait for one that does not read: it loses the oldest, and is told", function()
    sharing(function(guest, connect, l, shared)
      local deaf, other = connect(), connect()
      until_count(l, shared, 2)
      local piece = ("."):rep(8000)
      for _ = 1, 500 do
        guest:send(piece, 5)
        reads(l, other, #piece)
      end
      guest:send("END", 5)
      assert.equal("END", reads(l, other, 3))
      local text = ""
      repeat text = text .. assert(wait.read(l, deaf, 10, 65536)) until text:find "END"
      local lost = 0
      for count in text:gmatch "%[lunik: (%d+) bytes dropped%]" do lost = lost + count end
      local kept = select(2, text:gsub("%.", ""))
      assert.is_true(lost > 0)
      assert.equal(500 * 8000, lost + kept)
      deaf:close()
      other:close()
    end)
  end)

  it("forgets who leaves, and keeps no descriptor", function()
    sharing(function(_, connect, l, shared)
      connect():close()
      until_count(l, shared, 0)
      local before = require "support.run".descriptors()
      for _ = 1, 100 do
        local one = connect()
        until_count(l, shared, 1)
        one:close()
        until_count(l, shared, 0)
      end
      assert.equal(before, require "support.run".descriptors())
    end)
  end)

  it("turns away the thirty-third", function()
    sharing(function(_, connect, l, shared)
      local all = {}
      for i = 1, 32 do
        all[i] = connect()
        until_count(l, shared, i)
      end
      local one = connect()
      assert.is_nil((wait.read(l, one, 10, 1)))
      for _, each in ipairs(all) do each:close() end
      until_count(l, shared, 0)
    end)
  end)
end)

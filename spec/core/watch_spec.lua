-- What core.watch promises: changes as tables, in order, by a deadline.
local core = require "lunik.core"
local run = require "support.run"
local errno = require "posix.errno"
local poll = require "posix.poll"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"

local function touch(path) io.open(path, "w"):close() end

describe("a watch", function()
  local folder, watch

  before_each(function()
    folder = stdlib.mkdtemp "/tmp/lunik-spec-XXXXXX"
    watch = assert(core.watch.open())
  end)

  after_each(function()
    watch:close()
    os.execute("rm -rf " .. folder)
  end)

  it("reports what was asked for, in order and with names", function()
    local wd = assert(watch:add(folder, "create,delete,moved_to,moved_from"))
    touch(folder .. "/a\nb,c")
    os.rename(folder .. "/a\nb,c", folder .. "/d")
    os.remove(folder .. "/d")
    stat.mkdir(folder .. "/e")
    local seen = {}
    for i = 1, 5 do seen[i] = assert(watch:next(10)) end
    assert.same({
      { wd = wd, name = "a\nb,c", mask = { create = true } },
      { wd = wd, name = "a\nb,c", mask = { moved_from = true } },
      { wd = wd, name = "d", mask = { moved_to = true } },
      { wd = wd, name = "d", mask = { delete = true } },
      { wd = wd, name = "e", mask = { create = true, isdir = true } },
    }, seen)
    assert.same({ nil, "no change in time", errno.ETIMEDOUT }, { watch:next(0) })
  end)

  it("can be polled", function()
    watch:add(folder, "create")
    assert.equal(0, poll.rpoll(watch:fd(), 0))
    touch(folder .. "/a")
    assert.equal(1, poll.rpoll(watch:fd(), 0))
  end)

  it("hands out more than one read holds", function()
    watch:add(folder, "create")
    local long = ("x"):rep(100)
    for i = 1, 500 do touch(("%s/%s%d"):format(folder, long, i)) end
    for i = 1, 500 do assert.equal(long .. i, watch:next(10).name) end
  end)

  it("says when what it watches is gone", function()
    local file = folder .. "/f"
    touch(file)
    local wd = watch:add(file, "delete_self")
    os.remove(file)
    assert.same({ wd = wd, mask = { delete_self = true } }, watch:next(10))
    assert.same({ wd = wd, mask = { ignored = true } }, watch:next(10))
  end)

  it("says when events were lost", function()
    local max = tonumber(io.open "/proc/sys/fs/inotify/max_queued_events":read "a")
    watch:add(folder, "open,close_nowrite")
    for _ = 1, max do io.open(folder):close() end
    local last
    repeat
      local event = watch:next(0)
      last = event or last
    until not event
    assert.same({ wd = -1, mask = { overflow = true } }, last)
  end)

  it("answers for what is not there and raises for words it does not know", function()
    assert.same({ nil, "watch /no/such: No such file or directory", errno.ENOENT },
      { watch:add("/no/such", "create") })
    for words, unknown in pairs { ["create,mvoed"] = "mvoed", isdir = "isdir", [""] = "" } do
      assert.error_matches(function() watch:add(folder, words) end,
        ("no event '%s'"):format(unknown), 1, true)
    end
  end)

  it("takes no number for another that ends in the same bits", function()
    local wd = watch:add(folder, "create")
    local other = wd + (1 << 32)
    assert.error_matches(function() watch:remove(other) end, "not a watch's number", 1, true)
    assert.error_matches(function() watch:remove(-1) end, "not a watch's number", 1, true)
    assert.is_true(watch:remove(wd))
  end)

  it("is closed twice without harm and not used afterwards", function()
    local before = run.descriptors()
    watch:close()
    watch:close()
    assert.equal(before - 1, run.descriptors())
    assert.error_matches(function() watch:next(0) end, "closed watch", 1, true)
  end)
end)

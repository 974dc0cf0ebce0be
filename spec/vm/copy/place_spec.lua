-- Where a copy comes to be: over a mount that has the path, and at the end in its place on the
-- host, whole or not at all.
local aside = require "lunik.vm.copy.aside"
local copy = require "lunik.vm.copy"
local core = require "lunik.core"
local loop = require "lunik.async.loop"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("a copy over a mount", function()
  local dir, share, mounts, l

  before_each(function()
    dir, l = scratch.new(), loop.new()
    share = dir .. "/share"
    stat.mkdir(share, 448)
    stat.mkdir(dir .. "/tree", 493)
    stat.mkdir(dir .. "/tree/sub", 493)
    scratch.write(dir .. "/tree/one", "new one")
    scratch.write(dir .. "/tree/sub/two", "new two")
    mounts = { { to = "/work", from = share, type = "virtiofs", state = "mounted" } }
  end)
  after_each(function() scratch.remove(dir) end)

  -- What else would be tried is told, and refuses.
  local function around()
    return { loop = l, name = "m", dir = dir, mounts = function() return mounts end,
             ssh_argv = function() return nil, "no ssh" end,
             doors = { open = function() return nil, "no stream", "unsupported" end,
                       captured = function() return nil, "no road", "unreachable" end } }
  end

  local function into(from, to) return copy.into(around(), { from = from, to = to }) end
  local function out(from, to) return copy.out(around(), { from = from, to = to }) end

  local NO_ROAD = "m: no road"

  it("is a copy on the host, both ways", function()
    assert.same({ bytes = 14, road = "mount", skipped = {} }, into("tree", "/work"))
    assert.equal("new two", scratch.read(share .. "/tree/sub/two"))
    assert.same({ bytes = 7, road = "mount", skipped = {} }, out("/work/tree/one", dir .. "/got"))
    assert.equal("new one", scratch.read(dir .. "/got"))
    assert.same({ "tree", "tree/one", "tree/sub", "tree/sub/two" }, scratch.list(share))
  end)

  it("goes by another road where only the guest knows what a path leads to", function()
    scratch.write(dir .. "/secret", "mine")
    unistd.link(dir, share .. "/link", true)
    unistd.link("../secret", share .. "/file", true)
    for _, path in ipairs { "/work/link/secret", "/work/file", "/work/../work/file", "/elsewhere",
                            "/workshop/x" } do
      assert.same({ nil, NO_ROAD, "unreachable" }, { out(path, dir .. "/got") })
      assert.same({ nil, NO_ROAD, "unreachable" }, { into("tree/one", path) })
    end
    assert.equal("mine", scratch.read(dir .. "/secret"))
  end)

  it("goes by another road where the mount is read-only, of another kind, or not there", function()
    for name, value in pairs { readonly = true, type = "9p", state = "waiting" } do
      mounts = { { to = "/work", from = share, type = "virtiofs", state = "mounted" } }
      mounts[1][name] = value
      assert.same({ nil, NO_ROAD, "unreachable" }, { into("tree", "/work/x") })
    end
  end)

  it("takes the mount that is nearest", function()
    stat.mkdir(dir .. "/inner", 448)
    table.insert(mounts, { to = "/work/deep", from = dir .. "/inner", type = "virtiofs",
                           state = "mounted" })
    assert(into("tree/one", "/work/deep/one"))
    assert.same({ "one" }, scratch.list(dir .. "/inner"))
    assert.same({}, scratch.list(share))
  end)

  it("follows no link that the guest has put into a tree", function()
    scratch.write(dir .. "/secret", "mine")
    stat.mkdir(share .. "/t", 448)
    unistd.link(dir .. "/secret", share .. "/t/link", true)
    assert(out("/work/t", dir .. "/got"))
    assert.equal(dir .. "/secret", unistd.readlink(dir .. "/got/link"))
  end)

  -- What is at a path, by its name there.
  local function placed(path) return scratch.list(path) end

  it("joins what is in a directory with what is there", function()
    stat.mkdir(share .. "/tree", 448)
    stat.mkdir(share .. "/tree/sub", 320)
    scratch.write(share .. "/tree/one", "old")
    scratch.write(share .. "/tree/kept", "kept")
    assert(into("tree", "/work"))
    assert.same({ "kept", "one", "sub", "sub/two" }, placed(share .. "/tree"))
    assert.equal("new one", scratch.read(share .. "/tree/one"))
    assert(into("tree/.", "/work"))
    assert.same({ "one", "sub", "sub/two" }, { table.unpack(placed(share), 1, 3) })
  end)

  local conflicts = {
    ["a directory is where a file is to be"] = { function()
      stat.mkdir(share .. "/tree/one", 448)
    end, "/tree/one: Is a directory" },
    ["a file is where a directory is to be"] = { function()
      scratch.write(share .. "/tree/sub", "old")
    end, "/tree/sub: Not a directory" },
    ["a link is where a directory is to be"] = { function()
      unistd.link(dir, share .. "/tree/sub", true)
    end, "/tree/sub: Not a directory" },
    ["a pipe is where a file is to be"] = { function() stat.mkfifo(share .. "/tree/one", 384) end,
      "/tree/one: is a fifo, not a file" },
  }
  for what, case in pairs(conflicts) do
    it("changes nothing where " .. what, function()
      stat.mkdir(share .. "/tree", 448)
      case[1]()
      local before = placed(share)
      local done, why = into("tree", "/work")
      assert.is_nil(done)
      assert.equal("m:/work" .. case[2], why)
      assert.same(before, placed(share))
    end)
  end

  it("does not take a device, or a directory, for a file", function()
    assert(into("tree/one", "/work/x"))
    assert.same({ nil, "/dev/null: is a character device, not a file", "invalid" },
                { out("/work/x", "/dev/null") })
    assert.same({ nil, dir .. "/none/: No such file or directory", "missing" },
                { out("/work/x", dir .. "/none/") })
    assert.same({ nil, dir .. "/tree/one: Not a directory", "failed" },
                { out("/work", dir .. "/tree/one") })
    stat.mkdir(dir .. "/tree/x", 448)
    assert.same({ nil, dir .. "/tree/x: Is a directory", "failed" },
                { out("/work/x", dir .. "/tree") })
    assert.same({ nil, "/dev/null: is a character device, not a file", "invalid" },
                { into("/dev/null", "/work/x") })
    assert.same({ nil, dir .. "/none: No such file or directory", "missing" },
                { into("none", "/work/x") })
    assert.same({ "one", "sub", "sub/two", "x" }, placed(dir .. "/tree"))
  end)

  it("replaces a link of the destination, not what it leads to", function()
    scratch.write(dir .. "/victim", "mine")
    unistd.link("victim", dir .. "/got", true)
    assert(into("tree/one", "/work/x"))
    assert(out("/work/x", dir .. "/got"))
    assert.equal("mine", scratch.read(dir .. "/victim"))
    assert.equal("new one", scratch.read(dir .. "/got"))
  end)

  it("leaves what was there until all of it has come, and nothing aside", function()
    scratch.write(share .. "/one", "old")
    local seen
    local done, why = copy.into(around(), { from = "tree/one", to = "/work/one",
      progress = function(bytes, total)
        seen = { bytes, total, scratch.read(share .. "/one"), #scratch.list(share) }
        unistd.truncate(dir .. "/tree/one", 0)
        error({ why = "enough" }, 0)
      end })
    assert.same({ nil, "enough" }, { done, why })
    assert.same({ 7, 7, "old", 3 }, seen)
    assert.same({ "one" }, scratch.list(share))
    assert.equal("old", scratch.read(share .. "/one"))
  end)

  it("keeps times exactly", function()
    core.folder.touch(dir .. "/tree/one", 1234567890, 987654321)
    assert(into("tree/one", "/work/one"))
    assert(out("/work/one", dir .. "/got"))
    assert.same({ 1234567890, 987654321 }, { core.folder.changed(dir .. "/got") })
  end)

  it("takes away what is left over aside, and nothing else", function()
    local mine = aside.name()
    local ended = run.output { argv = { "sh", "-c", "echo $$" }, path = true }
    local where, _, began, id = mine:match "^%.lunik%-cp%-(%S+)%-(%d+)%-(%d+)%-(%x+)$"
    local function name(...) return aside.FORM:format(...) end
    local stays = { mine, name(where, "0", "0", id), name("5eed.1", "1", "1", id), ".lunik-cp-x",
                    ".lunik-cp-5eed.1-1-1-x" }
    local goes = { name(where, ended:match "%d+", began, id), name("5eed.2", "1", "1", id),
                   name(where, mine:match "%-(%d+)%-%d+%-%x+$", "1", id) }
    for _, list in ipairs { stays, goes } do
      for _, each in ipairs(list) do
        stat.mkdir(share .. "/" .. each, 448)
        scratch.write(share .. "/" .. each .. "/x", "x")
      end
    end
    core.folder.touch(share .. "/" .. goes[2], os.time() - 8 * 24 * 3600)
    assert(into("tree/one", "/work/one"))
    local left = { "one" }
    for _, each in ipairs(stays) do table.move({ each, each .. "/x" }, 1, 2, #left + 1, left) end
    table.sort(left)
    assert.same(left, scratch.list(share))
  end)

  it("says where nothing can be made", function()
    assert(into("tree/one", "/work/x"))
    local done, why = out("/work/x", "/sys/x")
    assert.is_nil(done)
    assert.matches("^/sys: ", why)
  end)

  it("wants a path of the guest, and one of two", function()
    assert.same({ nil, "m:etc: a path in the guest begins with /: m:/etc", "invalid" },
                { out("etc", "/tmp") })
    assert.same({ nil, "one of 'from' and 'source' is expected", "invalid" },
                { copy.into(around(), { to = "/x" }) })
    assert.same({ nil, "one of 'to' and 'sink' is expected", "invalid" },
                { copy.out(around(), { from = "/x", to = "x", sink = print }) })
  end)
end)

-- Overlays that outlive a job: one attempt at a time may put what it wrote into their place.
local kept = require "lunik.fleet.kept"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("an overlay that is kept", function()
  local dir, path
  before_each(function()
    dir = scratch.new()
    path = scratch.write(dir .. "/o.qcow2", "as it was")
  end)
  after_each(function() scratch.remove(dir) end)

  local function never() return false end
  local function take(number) return kept.take(path, "/jobs/dev-1/1", number, never) end
  local function names()
    local list = {}
    for _, name in ipairs(require "lunik.host".list(dir)) do
      if name:find "^o" then list[#list + 1] = name end
    end
    return list
  end

  it("is written in a copy, which takes its place at the end", function()
    local one = assert(take(0))
    assert.equal("as it was", scratch.read(one.copy))
    scratch.write(one.copy, "written")
    assert.equal("as it was", scratch.read(path))
    assert.is_true(one:publish())
    assert.equal("written", scratch.read(path))
    assert.same({ "o.qcow2" }, names())
  end)

  it("is not written by an attempt that was taken for dead, once a newer one has begun", function()
    local old = assert(take(0))
    scratch.write(old.copy, "old")
    scratch.write(old.copy .. ".part", "")
    local new = assert(take(1))
    assert.equal("as it was", scratch.read(new.copy))
    assert.is_nil(stat.lstat(old.copy))
    assert.is_nil(stat.lstat(old.copy .. ".part"))
    assert.is_nil((old:publish()))
    scratch.write(new.copy, "new")
    assert.is_true(new:publish())
    assert.is_nil((old:publish "attempt 1 of this job has begun"))
    assert.equal("new", scratch.read(path))
    assert.same({ "o.qcow2" }, names())
  end)

  it("begins, for a newer attempt, with what an older one had put there before", function()
    local old = assert(take(0))
    scratch.write(old.copy, "old")
    assert.is_true(old:publish())
    assert.equal("old", scratch.read(assert(take(1)).copy))
  end)

  it("leaves other jobs' copies alone, and does not write over what they have put there", function()
    local one = assert(take(0))
    local other = assert(kept.take(path, "/jobs/dev-2/1", 3, never))
    assert.is_truthy(stat.lstat(one.copy))
    scratch.write(one.copy, "one")
    scratch.write(other.copy, "the other's")
    assert.is_true(other:publish())
    local ok, why = one:publish()
    assert.is_nil(ok)
    assert.matches("written by somebody else meanwhile: what this job wrote is in ", why, 1, true)
    assert.same({ "the other's", "one" }, { scratch.read(path), scratch.read(one.copy) })
  end)

  it("that is made by a job comes to its place with what is known of its base", function()
    unistd.unlink(path)
    local one = assert(take(0))
    assert.is_nil(stat.lstat(one.copy))
    scratch.write(one.copy, "made")
    scratch.write(one.copy .. ".base", "{}")
    assert.is_true(one:publish())
    assert.same({ "made", "{}" }, { scratch.read(path), scratch.read(path .. ".base") })
  end)

  it("stays as readable as it was, and is no link", function()
    stat.chmod(path, 420)
    local one = assert(take(0))
    assert.is_true(one:publish())
    assert.equal(420, stat.stat(path).st_mode & 511)
    unistd.link(path, dir .. "/link", true)
    assert.same({ nil, dir .. "/link: is no file itself: name the one that it leads to" },
      { kept.take(dir .. "/link", "/jobs/dev-1/1", 0, never) })
  end)

  it("is as it was where the job is tried again", function()
    local one = assert(take(0))
    scratch.write(one.copy, "half")
    one:drop()
    assert.same({ "o.qcow2" }, names())
    assert.equal("as it was", scratch.read(path))
  end)
end)

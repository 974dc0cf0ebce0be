-- Images that a node keeps for jobs: by their sum, within a bound, one copy for all.
local cache = require "lunik.fleet.cache"
local core = require "lunik.core"
local image = require "lunik.fleet.image"
local place = require "lunik.fleet.place"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"
local utime = require "posix.utime"

describe("the images that a node keeps", function()
  local dir, before, places
  before_each(function()
    dir, before, places = scratch.new(), {}, {}
    for _, name in ipairs { "TMPDIR", "XDG_RUNTIME_DIR", "XDG_STATE_HOME" } do
      before[name] = os.getenv(name) or false
    end
    stat.mkdir(dir .. "/tmp", 448)
    for _, key in ipairs { "one", "two" } do
      stdlib.setenv("TMPDIR", dir .. "/tmp")
      places[key] = assert(place.take(key))
    end
  end)
  after_each(function()
    for name, value in pairs(before) do stdlib.setenv(name, value or nil) end
    for _, each in pairs(places) do each:leave() end
    scratch.remove(dir)
  end)

  local function never() return false end

  -- An image of so many bytes, as it was submitted.
  local function submitted(name, bytes, letter)
    local path = scratch.write(("%s/%s"):format(dir, name), (letter or name):rep(bytes))
    local found = assert(image.sum(path))
    return { path = path, sum = found.sum, bytes = found.bytes }
  end

  local function fetch(one, job, most, stopped)
    return cache.fetch(one, places[job or "one"], most or 1000, stopped or never)
  end

  local function folder() return ("%s/tmp/lunik-cache-%d"):format(dir, unistd.geteuid()) end
  local function in_cache(one) return stat.lstat(("%s/%s"):format(folder(), one.sum)) ~= nil end

  -- A job is over, and its image was used so many seconds ago.
  local function ended(one, job, seconds)
    unistd.unlink(("%s/%s"):format(places[job].images, one.sum))
    utime.utime(("%s/%s"):format(folder(), one.sum), os.time() - seconds, os.time() - seconds)
  end

  it("are copied by the first job, linked by others, whatever they are called", function()
    local one = submitted("a", 100)
    local path, made = fetch(one)
    assert.same({ ("a"):rep(100), true }, { scratch.read(path), made })
    unistd.unlink(one.path)
    one.path = dir .. "/elsewhere"
    path, made = fetch(one, "two")
    assert.same({ ("a"):rep(100), false }, { scratch.read(path), made })
    assert.equal(3, stat.stat(path).st_nlink)
  end)

  it("are one user's alone, and nobody else can write them", function()
    local path = fetch(submitted("a", 10))
    assert.equal(tonumber("400", 8), stat.stat(path).st_mode & 4095)
    assert.equal(tonumber("700", 8), stat.stat(folder()).st_mode & 4095)
    stat.chmod(folder(), 511)
    assert.matches("belongs to somebody else, or is open to others",
      select(2, fetch(submitted("b", 10))))
  end)

  it("are not taken from a folder that somebody has put there by a link", function()
    stat.mkdir(dir .. "/planted", 448)
    unistd.link(dir .. "/planted", folder(), true)
    assert.is_nil((fetch(submitted("a", 10))))
    assert.same({ ".", ".." }, require "lunik.host".list(dir .. "/planted"))
  end)

  it("make room for others when they have been unused for longest", function()
    local a, b, c = submitted("a", 400), submitted("b", 400), submitted("c", 300)
    for _, one in ipairs { a, b } do fetch(one) end
    ended(a, "one", 10)
    ended(b, "one", 100)
    assert.is_truthy(fetch(c))
    assert.same({ true, false, true }, { in_cache(a), in_cache(b), in_cache(c) })
  end)

  it("stay while a job uses them: then another image is read where it is", function()
    local a, b = submitted("a", 600), submitted("b", 600)
    fetch(a)
    assert.same({ nil, "no room in the node's cache of 0 MiB" }, { fetch(b, "two") })
    assert.same({ true, false }, { in_cache(a), in_cache(b) })
    ended(a, "one", 1)
    assert.is_truthy(fetch(b, "two"))
    assert.same({ false, true }, { in_cache(a), in_cache(b) })
  end)

  it("are refused where they are not what was submitted", function()
    local a = submitted("a", 100)
    scratch.write(a.path, ("b"):rep(100))
    local path, why, kind = fetch(a)
    assert.same({ "changed", a.path .. ": it is not what it was when the job was submitted" },
      { kind, why, path })
    assert.is_false(in_cache(a))
    assert.is_nil(stat.lstat(("%s/%s.part"):format(folder(), a.sum)))
  end)

  it("are copied anew where one has another size than it had", function()
    local a = submitted("a", 100)
    local path = fetch(a)
    stat.chmod(path, 384)
    unistd.truncate(path, 7)
    unistd.unlink(path)
    path = fetch(a, "two")
    assert.equal(("a"):rep(100), scratch.read(path))
  end)

  it("leave nothing half made by a job that was called away, or has died", function()
    local a, b = submitted("a", 40 << 20), submitted("b", 100)
    assert.same({ nil, "interrupted" }, { fetch(a, "one", 1 << 30, function() return true end) })
    local draft = ("%s/%s.part"):format(folder(), a.sum)
    assert.is_nil(stat.lstat(draft))
    assert.is_nil(stat.lstat(("%s/%s.lock"):format(folder(), a.sum)))
    scratch.write(draft, ("x"):rep(950))
    assert.is_truthy(fetch(b))
    assert.is_nil(stat.lstat(draft))
  end)

  it("are waited for where another job makes the same copy", function()
    local a, asked = submitted("a", 100), 0
    fetch(submitted("b", 10))
    local _ <close> = assert(core.lock.take(("%s/%s.lock"):format(folder(), a.sum)))
    assert.same({ nil, "interrupted" }, { fetch(a, "one", 1000, function()
      asked = asked + 1
      return asked == 2
    end) })
    scratch.write(("%s/%s.part"):format(folder(), a.sum), ("x"):rep(950))
    assert.same({ nil, "no room in the node's cache of 0 MiB" }, { fetch(submitted("c", 100)) })
  end)
end)

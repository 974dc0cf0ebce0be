-- What jobs leave where they were submitted: each attempt writes its own, and the newest counts.
local attempt = require "lunik.fleet.attempt"
local place = require "lunik.fleet.place"
local records = require "lunik.fleet.records"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local state = require "lunik.fleet.state"
local stdlib = require "posix.stdlib"
local unistd = require "posix.unistd"

describe("records of jobs", function()
  local dir, batch, found, before
  before_each(function()
    dir, before = scratch.new(), {}
    for _, name in ipairs { "TMPDIR", "XDG_RUNTIME_DIR", "XDG_STATE_HOME" } do
      before[name] = os.getenv(name) or false
    end
    stat.mkdir(dir .. "/tmp", 448)
    stdlib.setenv("TMPDIR", dir .. "/tmp")
    local key, path = assert(records.new(dir, "dev"))
    batch = { lunik = 1, name = "dev", engine = "slurm", recipe = "/vm.lua", submitted = dir,
      folder = path, files = {}, retries = 1, jobs = { { name = "", set = {} } },
      resources = { cpus = 1, memory = 1 << 20 } }
    found = { batch = batch, path = path, key = key, id = "12" }
    assert(records.make_jobs(path, 1))
  end)
  after_each(function()
    for name, value in pairs(before) do stdlib.setenv(name, value or nil) end
    scratch.remove(dir)
  end)

  local function begin(restart)
    stdlib.setenv("TMPDIR", dir .. "/tmp")
    return attempt.begin(batch, { number = 1, restart = restart, key = "12_1" }, function() end)
  end

  local function finish(one, how)
    local path = one:results()
    stat.mkdir(path, 448)
    assert(one:finish(how))
    return path
  end

  local WELL = { code = 0, own = true, results = true }

  it("have a folder of their own for each batch", function()
    assert.equal("dev-1", found.key)
    assert.equal("dev-2", (records.new(dir, "dev")))
    assert(records.save_batch(found.path, batch, "12"))
    local list = records.batches(dir)
    assert.same({ 1, "12", "dev-1" }, { #list, list[1].id, list[1].key })
  end)

  it("keep the newer attempt's results, whichever ends last", function()
    local first = assert(begin(0))
    local second = assert(begin(1))
    finish(second, WELL)
    assert.equal("r1/out", unistd.readlink(found.path .. "/1/out"))
    finish(first, WELL)
    assert.equal("r1/out", unistd.readlink(found.path .. "/1/out"))
    assert.same({ "done", 0, 2 }, (function(one)
      return { one.state, one.code, one.attempts }
    end)(state.of(found, 1, {})))
  end)

  it("give an attempt up that begins when a newer one has begun", function()
    local newer = assert(begin(2))
    assert.same({ nil, "attempt 2 of this job has begun: attempt 1 is given up" }, { begin(1) })
    finish(newer, WELL)
  end)

  it("let no second attempt begin where the first one writes a disk in its place", function()
    batch.once = "/img/d.raw"
    local one = assert(begin(0))
    assert.same({ nil, "/img/d.raw is written where it lies, perhaps by attempt 0 still: the job "
      .. "is not run again" }, { begin(1) })
    assert.same({ 0 }, records.attempts(found.path .. "/1"))
    finish(one, WELL)
  end)

  it("are tried again as often as may be, and not for what is not the host's fault", function()
    local one = assert(begin(0))
    assert.is_true(one:again { code = 3, own = true })
    assert.is_false(one:again { code = 1, own = true })
    one:finish { code = 3, own = true, again = true }
    assert.equal("again", state.of(found, 1, { ["12_1"] = { state = "PENDING" } }).state)
    local two = assert(begin(1))
    assert.is_false(two:again { code = 3, own = true })
    two:finish { code = 3, own = true }
    assert.same({ "failed", 3 }, { state.of(found, 1, {}).state, state.of(found, 1, {}).code })
  end)

  it("tell what waits, runs, was cancelled, and ended unseen", function()
    local function word(entry) return state.of(found, 1, { ["12_1"] = entry }).state end
    assert.equal("queued", word { state = "PENDING" })
    assert.equal("cancelled", word { state = "CANCELLED", over = true })
    assert.equal("lost", word(nil))
    local one = assert(begin(0))
    assert.equal("running", word { state = "RUNNING", running = true })
    one.place:leave()
    assert.equal("lost", word { state = "FAILED", over = true })
    assert.same({ true, 7 }, { state.of(found, 1, {}).over, state.of(found, 1, {}).code })
  end)

  it("are read as if anybody had written them", function()
    scratch.write(found.path .. "/1/r0.json",
      '{"state":"ended","code":"0","node":"a\\u001b[2J","place":{},"began":1,"ended":2}')
    local one = state.of(found, 1, {})
    assert.same({ "failed", 7, "a\\x1b[2J" }, { one.state, one.code, one.node })
    scratch.write(found.path .. "/1/r1.json", "[[[")
    assert.equal("lost", state.of(found, 1, {}).state)
    scratch.write(found.path .. "/batch.json", '{"lunik":1,"batch":{"jobs":7}}')
    assert.same({}, records.batches(dir))
  end)

  it("leave nothing of a dead job on its node, and what lives alone", function()
    local one = assert(begin(0))
    local path = one.place.path
    local there = {}
    stat.mkdir(path .. "/run/lunik", 448)
    stat.mkdir(path .. "/run/lunik/dev", 448)
    unistd.link(dir, path .. "/link", true)
    stdlib.setenv("TMPDIR", dir .. "/tmp")
    assert.same({}, place.sweep(function() error "it lives" end))
    one.place.lock:close()
    assert.same({ path }, place.sweep(function(runtime) there[#there + 1] = runtime end))
    assert.same({ path .. "/run/lunik/dev" }, there)
    assert.is_nil(stat.lstat(path))
    assert.is_truthy(stat.lstat(found.path))
  end)

  it("are not taken over in a folder of somebody else's", function()
    assert.matches("not there, or not this user's", select(2, place.enter(dir .. "/none")))
    unistd.link(dir, dir .. "/tmp/lunik-l", true)
    assert.is_nil(place.enter(dir .. "/tmp/lunik-l"))
    assert.is_false(place.is_held(dir .. "/tmp/lunik-l"))
  end)
end)

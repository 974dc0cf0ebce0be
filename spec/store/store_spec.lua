-- Who owns a machine: directories that nobody else can touch, and two locks.
local core = require "lunik.core"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local directory = require "lunik.store.directory"
local locks = require "lunik.store.locks"
local records = require "lunik.store.records"
local unistd = require "posix.unistd"

describe("state", function()
  local dir, plan
  before_each(function()
    dir = scratch.new()
    plan = { name = "dev", runtime = dir .. "/lunik/dev" }
  end)
  after_each(function() scratch.remove(dir) end)

  local function mode(path) return stat.stat(path).st_mode & 4095 end

  it("makes a directory and the parents it lacks, for this user alone", function()
    assert.same({ dir .. "/lunik", dir .. "/lunik/dev" }, directory.make(plan.runtime))
    assert.equal(448, mode(dir .. "/lunik"))
    assert.equal(448, mode(plan.runtime))
    assert.same({}, directory.make(plan.runtime))
  end)

  it("refuses a directory that others may enter, and says its mode", function()
    stat.mkdir(dir .. "/open", 448)
    stat.chmod(dir .. "/open", 493)
    local made, why = directory.make(dir .. "/open")
    assert.is_nil(made)
    assert.equal(dir .. "/open: open to others (mode 0755)", why)
  end)

  it("refuses a symbolic link to a directory", function()
    stat.mkdir(dir .. "/real", 448)
    unistd.link(dir .. "/real", dir .. "/link", true)
    local _, why = directory.make(dir .. "/link")
    assert.equal(dir .. "/link: a symbolic link", why)
  end)

  it("refuses a file", function()
    scratch.write(dir .. "/file", "")
    local _, why = directory.make(dir .. "/file")
    assert.equal(dir .. "/file: not a directory", why)
  end)

  it("refuses a parent that others may write to, and takes back what it made", function()
    stat.mkdir(dir .. "/shared", 448)
    stat.chmod(dir .. "/shared", 511)
    local _, why = directory.make(dir .. "/shared/dev")
    assert.equal(dir .. "/shared: open to others (mode 0777)", why)
    assert.same({ "shared" }, scratch.list(dir))
  end)

  it("refuses a directory of somebody else", function()
    if unistd.geteuid() == 0 then
      stat.mkdir(dir .. "/theirs", 448)
      unistd.chown(dir .. "/theirs", 1234, 1234)
      local _, why = directory.make(dir .. "/theirs")
      assert.equal(dir .. "/theirs: belongs to user 1234", why)
    else
      local _, why = directory.make "/root/dev"
      assert.matches("^mkdir /root/dev: Permission denied", why)
    end
  end)

  it("says why a directory cannot be made", function()
    scratch.write(dir .. "/file", "")
    local _, why = directory.make(dir .. "/file/dev")
    assert.matches("file/dev: Not a directory", why)
  end)

  it("takes both locks, and gives all of it up", function()
    local claim = assert(locks.claim(plan))
    assert.same({ "lunik", "lunik/dev", "lunik/dev/machine.lock", "lunik/dev/supervisor.lock" },
                scratch.list(dir))
    assert.is_true(locks.yield(plan, claim))
    assert.same({ "lunik" }, scratch.list(dir))
  end)

  it("names the process that owns a running machine", function()
    local claim = assert(locks.claim(plan))
    local second, why = locks.claim(plan)
    assert.is_nil(second)
    assert.equal(("machine 'dev' is already running (pid %d holds %s/supervisor.lock)")
                 :format(unistd.getpid(), plan.runtime), why)
    locks.yield(plan, claim)
  end)

  it("names the QEMU that outlived its supervisor", function()
    local claim = assert(locks.claim(plan))
    records.save(plan.runtime, { lunik = 1, id = "0123abcd", step = "running", began = 1,
      supervisor = { pid = 4710 }, qemu = { pid = 4711 } })
    claim.supervisor:close()
    local second, why = locks.claim(plan)
    assert.is_nil(second)
    assert.equal("machine 'dev' runs without a supervisor (pid 4711): "
                 .. "lunik adopt dev takes it over", why)
    claim.machine:close()
  end)

  it("cleans up after a machine that is dead, and what it had made elsewhere", function()
    local claim = assert(locks.claim(plan))
    scratch.write(dir .. "/overlay.qcow2", "")
    scratch.write(plan.runtime .. "/monitor.sock", "")
    stat.mkdir(plan.runtime .. "/export", 448)
    records.save(plan.runtime, { temporary = { dir .. "/overlay.qcow2", dir .. "/gone" } })
    locks.disown(claim)
    claim = assert(locks.claim(plan))
    assert.same({ "lunik", "lunik/dev", "lunik/dev/machine.lock", "lunik/dev/supervisor.lock" },
                scratch.list(dir))
    locks.yield(plan, claim)
  end)

  it("touches nothing of a machine that lives", function()
    local claim = assert(locks.claim(plan))
    scratch.write(plan.runtime .. "/monitor.sock", "")
    claim.supervisor:close()
    assert.is_nil((locks.claim(plan)))
    assert.is_not_nil(stat.stat(plan.runtime .. "/monitor.sock"))
    claim.machine:close()
  end)

  it("does not believe in a lock on a file that was removed meanwhile", function()
    local claim = assert(locks.claim(plan))
    unistd.unlink(plan.runtime .. "/supervisor.lock")
    unistd.unlink(plan.runtime .. "/machine.lock")
    local next_one = assert(locks.claim(plan))
    assert.is_nil((locks.claim(plan)))
    locks.yield(plan, next_one)
    locks.disown(claim)
  end)

  it("leaves the directory to whoever starts the machine while it ends", function()
    local claim = assert(locks.claim(plan))
    local real = unistd.rmdir
    local heir
    unistd.rmdir = function(path)           -- the moment before the directory goes
      heir = heir or assert(locks.claim(plan))
      return real(path)
    end
    locks.yield(plan, claim)
    unistd.rmdir = real
    assert.is_nil((locks.claim(plan)))
    assert.is_true(locks.yield(plan, heir))
    assert.same({ "lunik" }, scratch.list(dir))
  end)

  it("writes a record whole, for this user alone, and reads it back", function()
    directory.make(plan.runtime)
    assert.is_true(records.save(plan.runtime, { name = "dev", helpers = core.json.array {} }))
    assert.same({ "vm.json" }, scratch.list(plan.runtime))
    assert.equal(384, mode(plan.runtime .. "/vm.json"))
    assert.equal("dev", records.read(plan.runtime).name)
  end)

  it("keeps the old record when the new one does not fit", function()
    directory.make(plan.runtime)
    records.save(plan.runtime, { name = "old" })
    stat.mkdir(plan.runtime .. "/vm.json.tmp", 448)
    local ok, why = records.save(plan.runtime, { name = "new" })
    assert.is_nil(ok)
    assert.matches("^open .*vm.json.tmp", why)
    assert.equal("old", records.read(plan.runtime).name)
  end)

  it("answers with a reason where there is no record", function()
    local record, why = records.read(dir)
    assert.is_nil(record)
    assert.matches("No such file", why)
  end)
end)

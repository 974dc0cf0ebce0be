-- Other users of the host: what they put in the way of lunik's directories is neither entered nor
-- emptied. As root, other users are made up; else what needs them is left to who is root.
local cache = require "lunik.host.cache"
local directory = require "lunik.store.directory"
local facts = require "lunik.host.facts"
local locks = require "lunik.store.locks"
local records = require "lunik.store.records"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local SOMEBODY = 1234
local root = unistd.geteuid() == 0

describe("another user", function()
  local dir, victim
  before_each(function()
    dir = scratch.new()
    victim = dir .. "/victim"
    stat.mkdir(victim, 448)
    scratch.write(victim .. "/precious", "mine")
    stat.mkdir(dir .. "/tmp", 511)
    stat.chmod(dir .. "/tmp", tonumber("1777", 8))
  end)
  after_each(function() scratch.remove(dir) end)

  local function link(to, path, owner)
    unistd.link(to, path, true)
    if owner then assert(os.execute(("chown -h %d '%s'"):format(owner, path))) end
  end

  local function claimed(runtime)
    local claim, why = locks.claim { name = "dev", runtime = runtime }
    assert.is_nil(claim)
    assert.same({ "precious" }, scratch.list(victim))
    return why
  end

  it("cannot have a link followed where all machines' directory should be", function()
    link(victim, dir .. "/tmp/lunik-0")
    assert.equal(dir .. "/tmp/lunik-0: a symbolic link", claimed(dir .. "/tmp/lunik-0/dev"))
  end)

  it("cannot have one followed where a machine's directory should be", function()
    stat.mkdir(dir .. "/tmp/lunik-0", 448)
    link(victim, dir .. "/tmp/lunik-0/dev")
    assert.equal(dir .. "/tmp/lunik-0/dev: a symbolic link", claimed(dir .. "/tmp/lunik-0/dev"))
  end)

  it("cannot lead astray above them either, in a folder that everybody writes to", function()
    if not root then return end
    link(victim, dir .. "/tmp/run", SOMEBODY)
    assert.equal(("%s/tmp/run: a symbolic link of user %d"):format(dir, SOMEBODY),
                 claimed(dir .. "/tmp/run/lunik/dev"))
  end)

  it("does not hinder who keeps their own things behind links of their own", function()
    stat.mkdir(dir .. "/disk", 448)
    link(dir .. "/disk", dir .. "/state")
    link("state", dir .. "/again")
    assert.same({ dir .. "/again/lunik", dir .. "/again/lunik/dev" },
                directory.make(dir .. "/again/lunik/dev"))
    assert.same({ "lunik", "lunik/dev" }, scratch.list(dir .. "/disk"))
  end)

  it("is named where a directory is theirs, at whatever height", function()
    if not root then return end
    stat.mkdir(dir .. "/tmp/lunik-0", 448)
    unistd.chown(dir .. "/tmp/lunik-0", SOMEBODY, SOMEBODY)
    assert.equal(("%s/tmp/lunik-0: belongs to user %d"):format(dir, SOMEBODY),
                 claimed(dir .. "/tmp/lunik-0/dev"))
  end)

  it("gets nothing written into a cache of theirs, nor by a link in its place", function()
    local before = facts.cache
    facts.cache = dir .. "/tmp/lunik"
    finally(function() facts.cache = before end)
    link(victim, dir .. "/tmp/lunik")
    cache.put("answer", "42")
    assert.same({ "precious" }, scratch.list(victim))
    unistd.unlink(dir .. "/tmp/lunik")
    stat.mkdir(dir .. "/tmp/lunik", 511)
    stat.chmod(dir .. "/tmp/lunik", 511)
    cache.put("answer", "42")
    assert.same({}, scratch.list(dir .. "/tmp/lunik"))
    if root then
      stat.chmod(dir .. "/tmp/lunik", 448)
      unistd.chown(dir .. "/tmp/lunik", SOMEBODY, SOMEBODY)
      cache.put("answer", "42")
      assert.same({}, scratch.list(dir .. "/tmp/lunik"))
    end
    unistd.rmdir(dir .. "/tmp/lunik")
    facts.cache = dir .. "/new/cache/lunik"
    stat.mkdir(dir .. "/new", 448)
    cache.put("answer", "42")
    assert.equal("42", cache.get "answer")
  end)
end)

describe("a runtime directory", function()
  local dir, plan
  before_each(function()
    dir = scratch.new()
    plan = { name = "dev", runtime = dir .. "/lunik/dev", state = dir .. "/state/dev" }
  end)
  after_each(function() scratch.remove(dir) end)

  local WRITTEN = { "vm.json", "vm.json.tmp", "snapshot", "snapshot.tmp", "known_hosts",
                    "monitor.sock", "fs-work.sock", "qemu.log", "console.log.1" }
  local FOREIGN = { "Makefile", "notes.txt", "vm.json.bak", "disk.qcow2" }

  it("is emptied of what lunik wrote; anything else stays, and is named", function()
    local claim = assert(locks.claim(plan))
    for _, name in ipairs(WRITTEN) do scratch.write(plan.runtime .. "/" .. name, "") end
    for _, name in ipairs(FOREIGN) do scratch.write(plan.runtime .. "/" .. name, "") end
    stat.mkdir(plan.runtime .. "/export", 448)
    stat.mkdir(plan.runtime .. "/folder", 448)
    scratch.write(plan.runtime .. "/folder/a.sock", "")
    locks.disown(claim)
    claim = assert(locks.claim(plan))
    local left = { "Makefile", "disk.qcow2", "folder", "notes.txt", "vm.json.bak" }
    assert.same(left, claim.left)
    assert.same({ true, nil, left, n = 3 }, table.pack(locks.yield(plan, claim)))
    assert.same({ "Makefile", "disk.qcow2", "folder", "folder/a.sock", "notes.txt", "vm.json.bak" },
                scratch.list(plan.runtime))
    assert.same({ "dev" }, scratch.list(dir .. "/state"))
  end)

  it("has no say over files that are not the machine's, whatever its record lists", function()
    local claim = assert(locks.claim(plan))
    scratch.write(dir .. "/precious", "")
    scratch.write(plan.state .. "/disk0.overlay.qcow2", "")
    records.save(plan.runtime, { temporary = { dir .. "/precious", plan.state .. "/../../precious",
      plan.state .. "/disk0.overlay.qcow2", plan.state } })
    assert.is_true(locks.yield(plan, claim))
    assert.same({ "lunik", "precious", "state", "state/dev" }, scratch.list(dir))
  end)

  it("that has gone is nothing to empty", function()
    local claim = assert(locks.claim(plan))
    scratch.remove(plan.runtime)
    assert.is_true(locks.yield(plan, claim))
  end)
end)

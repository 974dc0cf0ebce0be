-- One machine in whatever session and on whatever host its user is: the lock in the state
-- directory, and the pointer beside it.
local core = require "lunik.core"
local elsewhere = require "lunik.store.elsewhere"
local errno = require "posix.errno"
local host = require "lunik.host"
local locks = require "lunik.store.locks"
local pointer = require "lunik.store.pointer"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("a machine's state directory", function()
  local dir, here, there
  local take = core.lock.take
  before_each(function()
    dir = scratch.new()
    here = { name = "dev", runtime = dir .. "/run/lunik/dev", state = dir .. "/state/dev" }
    there = { name = "dev", runtime = dir .. "/other/lunik/dev", state = here.state }
  end)
  after_each(function()
    core.lock.take = take
    scratch.remove(dir)
  end)

  local function refused(plan)
    local claim, why = locks.claim(plan)
    assert.is_nil(claim)
    return why
  end

  -- What another host has written, and its lock, held by this process for it.
  local function foreign(over)
    local text = { lunik = 1, runtime = here.runtime, host = "another", hostname = "node7",
                   boot = "another", id = "abc", supervisor = unistd.getpid() }
    for key, value in pairs(over or {}) do text[key] = value end
    stat.mkdir(dir .. "/state", 448)
    stat.mkdir(here.state, 448)
    scratch.write(pointer.path(here.state), core.json.encode(text))
    return assert(core.lock.take(pointer.lock(here.state)))
  end

  -- No lock can be had in the state directory, as on a file system without them.
  local function without_locks(code)
    core.lock.take = function(path, ...)
      if path:find "state%.lock$" then
        return nil, "lock " .. path .. ": No locks available", code or errno.ENOLCK
      end
      return take(path, ...)
    end
  end

  it("keeps a session with another runtime directory from a twin, and says where", function()
    local claim = assert(locks.claim(here))
    pointer.write(here, "abc")
    assert.equal("machine 'dev' is already running, in " .. here.runtime, refused(there))
    assert.is_nil(stat.stat(dir .. "/other"))
    assert.is_true(locks.yield(here, claim))
    claim = assert(locks.claim(there))
    locks.yield(there, claim)
    assert.same({}, scratch.list(here.state))
  end)

  it("keeps one whose own runtime directory has vanished from it, too", function()
    local claim = assert(locks.claim(here))
    pointer.write(here, "abc")
    scratch.remove(dir .. "/run")
    assert.equal(("machine 'dev' is already running, but its directory %s is gone: "
                  .. "lunik down --force dev ends it"):format(here.runtime), refused(here))
    locks.disown(claim)
    claim = assert(locks.claim(here))
    locks.yield(here, claim)
  end)

  it("is believed before anything is written down, and where that is not readable", function()
    local claim = assert(locks.claim(here))
    local why = ("machine 'dev' is already running (%s/state.lock is held)"):format(here.state)
    assert.equal(why, refused(there))
    scratch.write(pointer.path(here.state), "{")
    assert.equal(why, refused(there))
    locks.yield(here, claim)
  end)

  it("has its lock handed on, so that it is held as long as anybody has it", function()
    local claim = assert(locks.claim(here))
    local inherited = unistd.dup(claim.state:fd())
    locks.disown(claim)
    assert.matches("already running", refused(there))
    unistd.close(inherited)
    locks.yield(there, assert(locks.claim(there)))
  end)

  it("has what a dead machine left in another runtime directory removed", function()
    local claim = assert(locks.claim(here))
    pointer.write(here, "abc")
    scratch.write(here.runtime .. "/monitor.sock", "")
    locks.disown(claim)
    local ended = {}
    claim = assert(locks.claim(there, function(record)
      ended[#ended + 1] = record.id
      return true
    end))
    assert.same({ "abc" }, ended)
    assert.same({ "lunik" }, scratch.list(dir .. "/run"))
    locks.yield(there, claim)
  end)

  it("on a home that hosts share names the host", function()
    local _ <close> = foreign()
    assert.equal("machine 'dev' runs on node7", refused(here))
    assert.is_true(elsewhere.is_owned(here.state))
    assert.is_false(elsewhere.bury(here.state))
    assert.is_true(pointer.read(here.state).abroad)
  end)

  it("is free when the other host has let go of it, whatever is written there", function()
    foreign():close()
    assert.is_false(elsewhere.is_owned(here.state))
    local ended = 0
    local claim = assert(locks.claim(here, function() ended = ended + 1 return true end))
    assert.equal(0, ended)
    locks.yield(here, claim)
  end)

  it("tells this host before its boot from another of the same image", function()
    foreign({ host = host.machine_id, hostname = host.hostname }):close()
    local found = pointer.read(here.state)
    assert.same({ false, true }, { found.abroad, found.past })
    foreign({ host = host.machine_id, hostname = "clone" }):close()
    assert.is_true(pointer.read(here.state).abroad)
  end)

  it("without locks costs a note, no machine", function()
    for _, code in ipairs { errno.ENOLCK, errno.EOPNOTSUPP } do
      without_locks(code)
      local claim = assert(locks.claim(here))
      assert.equal(("lock %s/state.lock: No locks available: other hosts that share it cannot be "
                    .. "kept from starting the machine"):format(here.state), claim.note)
      pointer.write(here, "abc")
      assert.equal("machine 'dev' is already running, in " .. here.runtime, refused(there))
      assert.is_true(locks.yield(here, claim))
      assert.same({}, scratch.list(here.state))
    end
  end)

  it("without locks believes what another host has written, until force removes it", function()
    foreign():close()
    without_locks()
    assert.equal("machine 'dev' runs on node7, as far as can be told without locks; if not: "
                 .. "lunik down --force dev", refused(here))
    assert.is_nil(elsewhere.is_owned(here.state))
    assert.is_true(elsewhere.bury(here.state))
    locks.yield(here, assert(locks.claim(here)))
  end)
end)

describe("the runtime directory of this user", function()
  local dir
  before_each(function() dir = scratch.new() end)
  after_each(function() scratch.remove(dir) end)

  local function facts(environment)
    local run = require "support.run"
    local env = { "PATH=" .. os.getenv "PATH", "LUA_PATH=" .. package.path,
                  "LUA_CPATH=" .. package.cpath, table.unpack(environment) }
    local child, out = run.start { argv = { "lua5.4", "-e", [[
      local facts = require "lunik.host.facts"
      print(facts.runtime, facts.runtime_note, facts.home)]] }, env = env, path = true }
    local text = run.drain(out)
    child:wait(60)
    return text:match "^([^\t]*)\t([^\t]*)\t([^\n]*)\n"
  end

  local fallback = unistd.geteuid() == 0 and "/run/lunik" or nil

  it("is the one that is given, made if need be", function()
    assert.equal(dir .. "/lunik", (facts { "XDG_RUNTIME_DIR=" .. dir }))
    local runtime, note = facts { "XDG_RUNTIME_DIR=" .. dir .. "/not/yet" }
    assert.same({ dir .. "/not/yet/lunik", "nil" }, { runtime, note })
  end)

  it("is another where that is somebody else's, and the variable is named", function()
    if not fallback then return end
    unistd.chown(dir, 1234, 1234)
    local runtime, note = facts { "XDG_RUNTIME_DIR=" .. dir }
    assert.equal(fallback, runtime)
    assert.equal(("XDG_RUNTIME_DIR is %s: belongs to user 1234; what runs is kept in %s")
                 :format(dir, fallback), note)
  end)

  it("is another where that is no absolute path", function()
    local runtime, note = facts { "XDG_RUNTIME_DIR=run" }
    assert.truthy(runtime:find "^/")
    assert.equal("XDG_RUNTIME_DIR is run: not an absolute path; what runs is kept in " .. runtime,
                 note)
  end)

  it("is another where that cannot be written", function()
    if not stat.stat "/sys/kernel" or unistd.access("/sys/kernel", "w") then return end
    local runtime, note = facts { "XDG_RUNTIME_DIR=/sys/kernel" }
    assert.matches("^XDG_RUNTIME_DIR is /sys/kernel: .*; what runs is kept in ", note)
    assert.equal(runtime, note:match "kept in (.*)$")
  end)

  it("and HOME come from the system where nothing is given", function()
    local entry = require "posix.pwd".getpwuid(unistd.geteuid())
    local runtime, note, home = facts {}
    assert.truthy(runtime:find "lunik")
    assert.same({ "nil", entry.pw_dir }, { note, home })
  end)
end)

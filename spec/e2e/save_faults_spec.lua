-- What becomes of a machine when somebody dies while it is being saved, or the disk is full: it
-- runs on, with its mounts, or is saved whole; nothing half stays.
local after = require "support.faults.after"
local away = require "support.faults.putting_away"
local core = require "lunik.core"
local house = require "support.house"
local loop = require "lunik.async.loop"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

-- Waits until something is so, or a minute is over.
local function await(fn)
  local l = loop.new()
  local ends = l.now() + 60
  l:run(function()
    while not fn() and l.now() < ends do l:sleep(0.1) end
  end)
  l:close()
end

describe("a save that is cut short", function()
  local home
  setup(function() home = house.new() end)
  after_each(function()
    home:clear()
    if stat.lstat(home.dir .. "/m.saved") then scratch.remove(home.dir .. "/m.saved") end
  end)
  teardown(function() home:close() end)

  local function status() return home:json("status", "--json", "m") end

  local function begin()
    stat.mkdir(home.dir .. "/work", 448)
    home:does("up", home:small("m", [[agent {}, hotplug { ports = 4 },
      mount { from = "work", to = "/work" } ]]))
    home:does("exec", "m", "--", "sh", "-c", "echo nonce-4711 >/run/nonce")
  end

  -- What of a save is left beside its place.
  local function left()
    local found = {}
    for _, name in ipairs(scratch.list(home.dir)) do
      if name:find "m%.saved" then found[#found + 1] = name end
    end
    return found
  end

  local function signal(pid, number)
    local proc <close> = assert(core.proc.open(pid))
    proc:signal(number)
  end

  local function runs_on()
    assert.equal("nonce-4711\n", (home:does("exec", "m", "--", "cat", "/run/nonce")))
    home:does("exec", "m", "--", "sh", "-c", "echo x >/work/x")
    assert.equal("mounted", home:json("mounts", "--json", "m").mounts[1].state)
    assert.same({}, left())
  end

  local function limit(pid, bytes)
    assert(os.execute(("prlimit --pid %d --fsize=%s"):format(pid, bytes)))
  end

  it("by a death of its supervisor while memory is written runs on when it is adopted", function()
    begin()
    -- a process that writes more than it may dies of that, and is none the wiser
    local pid = status().supervisor.pid
    limit(pid, "4194304")
    assert.is_true(home:lunik("save", "m", "m.saved") ~= 0)
    assert.equal("unsupervised", home:json("ls", "--json").machines[1].state)
    home:does("adopt", "m")
    runs_on()
    home:does("save", "m", "m.saved")
    home:does("restore", "m.saved")
    home:does("down", "--force", "m")
  end)

  it("by a death of QEMU while a mount is taken off leaves nothing", function()
    begin()
    local now = status()
    signal(now.helpers[1].pid, 19)           -- a daemon that does not answer holds the guest up
    local saving = home:start({}, "save", "m", "m.saved")
    await(function() return #left() > 0 end)
    signal(now.qemu.pid, 9)
    signal(now.helpers[1].pid, 18)
    saving:wait(60)
    await(function() return not stat.lstat(home.dir .. "/run/lunik/m") end)
    assert.same({}, left())
    assert.same({}, home:runtime())
  end)

  it("by a full disk runs on with its mounts", function()
    local flags = unistd.geteuid() == 0 and "-m" or "-rm"
    stat.mkdir(home.dir .. "/work", 448)
    stat.mkdir(home.dir .. "/full", 448)
    local recipe = home:small("m", [[agent {}, hotplug { ports = 4 },
      mount { from = "work", to = "/work" } ]])
    local out = run.output { argv = { "unshare", flags, "sh", "-c", [[
      mount -t tmpfs -o size=16M full "$1/full" && "$2" up "$3" 2>/dev/null
      "$2" save m "$1/full/m.saved" 2>&1; echo "status $?"; ls -A "$1/full"
      "$2" exec m -- sh -c 'echo x >/work/x; echo runs'
      "$2" mounts m; "$2" down --force m 2>/dev/null]], "sh", home.dir, house.program, recipe },
      path = true, env = home.env, cwd = home.dir, fds = { [2] = 2 } }
    assert.truthy(out:find("^lunik save: memory: write: No space left on device\nstatus 1\nruns\n"),
                  out)
    assert.truthy(out:find("mounted", 1, true), out)
  end)
end)

describe("a saved machine that two go on from at once", function()
  local at
  setup(function() at = away.new(nil, nil, true) end)
  teardown(function() at:close() end)

  it("is the one's that was first, and the other's writes are thrown away", function()
    at:bring "saved"
    at:reach("commit: keep", "restore", at.saved)
    at.home:does("restore", "--name", "n", at.saved)
    at:go()
    assert.equal(0, at:finish())
    assert.truthy(at.verb.text:find("it has not gone on for good, and what it writes to its disks "
      .. "is thrown away at its end: " .. at.saved .. " was restored meanwhile, into n", 1, true),
      at.verb.text)
    at.home:does("down", "--force", "m")
    assert.falsy(stat.lstat(at.home.dir .. "/state/lunik/m/own.restored.qcow2"))
    at.home:does("down", "--force", "n")
    at:has_moved()
  end)
end)

describe("a restored machine that is cut off while its writes are put into its disk", function()
  local at
  setup(function() at = away.new() end)
  teardown(function() at:close() end)

  -- What the guest has counted up to, on the disk as it lies there.
  local function on_disk()
    return tonumber((run.output { path = true, fds = { [2] = 2 }, argv = { "sh", "-c", [[
      qemu-img dd -f qcow2 -O raw bs=512 skip=8 count=9 if="$1/own.qcow2" of="$1/block" &&
      head -n 1 "$1/block"]], "sh", at.disk } }))
  end

  it("has them there when it comes up, and nothing else goes on from what was saved", function()
    at:bring "saved"
    local before = on_disk()
    at:reach("commit: pivot", "restore", at.saved)
    await(function() return os.time() > at.reached + 2 end)
    for _, who in ipairs { "qemu", "supervisor" } do at:kill(who, true) end
    assert.is_true(at:finish() ~= 0)
    after.gone(at.home)

    -- what is known of the machine may be forgotten, and not what it wrote
    local _, _, told = at.home:lunik("rm", "m")
    assert.truthy(told:find("writes to a disk " .. at.home.dir
      .. "/state/lunik/m/own.restored.qcow2", 1, true), told)
    local code, _, why = at.home:lunik("check", at.saved)
    assert.is_true(code ~= 0)
    assert.truthy(why:find("own.qcow2", 1, true), why)
    for _, option in ipairs { "--name=m", "--again" } do
      code, _, why = at.home:lunik("restore", at.saved, option)
      assert.is_true(code ~= 0)
      assert.truthy(why:find("was restored already", 1, true)
                    or why:find("'own.qcow2' has moved on", 1, true), why)
    end
    at.home:does("check", at.recipe)
    at.home:does("up", at.recipe)
    at.home:does("down", "--force", "m")
    assert.is_true(on_disk() > before)
    at:has_moved()
  end)
end)

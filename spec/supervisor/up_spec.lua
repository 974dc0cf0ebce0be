-- Machines without a guest that live on their own: who owns them, what their hooks may do, and
-- what other programs can do with them.
local after = require "support.faults.after"
local core = require "lunik.core"
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local signal = require "posix.signal"
local stat = require "posix.sys.stat"

local PATIENCE = 90

describe("lunik up", function()
  local home
  setup(function() home = house.new() end)
  after_each(function() home:clear() end)
  teardown(function() home:close() end)

  local function recipe(name, items)
    return home:recipe(name, ("return machine { name = %q, accel = 'tcg', memory = '64M', %s }")
      :format(name, items or ""))
  end

  local function log(name)
    return scratch.read(("%s/state/lunik/%s/supervisor.log"):format(home.dir, name))
  end

  it("of one recipe twice at once has one winner, and the other says who that is", function()
    local path = recipe "twice"
    local both = { home:start({}, "up", path), home:start({}, "up", path) }
    local codes, winner = {}, nil
    for i, one in ipairs(both) do
      local _, status = one:wait(PATIENCE)
      codes[i] = status
      if status == 0 then winner = one else
        assert.matches("machine 'twice' is already running.- %(pid ", one.text)
      end
    end
    table.sort(codes)
    assert.same({ 0, 3 }, codes)
    assert.matches("twice: up\n$", winner.text)
    home:does("down", "--force", "twice")
    after.nothing(home, "twice")
  end)

  it("of several recipes starts them beside each other, whatever one of them does", function()
    local wrong = recipe("b", "raw { '-device', 'none-such' }")
    local status, _, errors = home:lunik("up", recipe "a", wrong, recipe "c")
    assert.equal(3, status)
    assert.matches("a: up\n", errors)
    assert.matches("c: up\n", errors)
    assert.matches("lunik up:\n  b: %S+/b.lua:1: raw: QEMU: 'none%-such' is not a valid device "
      .. "model name\n  qemu: exited with status 1: .*none%-such", errors)
    local names = {}
    for i, one in ipairs(home:json("ls", "--json").machines) do names[i] = one.name end
    assert.same({ "a", "c" }, names)
    home:does("down", "--force", "a", "c")
  end)

  it("says at once how many CPUs and how much memory there are, by QEMU's word", function()
    for _, case in ipairs { { 2 }, { 3, "qemu.smp { 3 }" }, { 3, "qemu.smp { 3 }", true } } do
      local path = recipe("sized", "cpus = 2, ready = 'qmp', " .. (case[2] or ""))
      local text = home:does("up", "--json", path, case[3] and "--paused")
      local status = core.json.decode(text:match "[^\n]*\n$").status
      assert.same({ case[1], 64 << 20 }, { status.cpus, status.memory.configured })
      for _, list in ipairs { "mounts", "forward" } do
        assert.matches('%[%]', home:does(list, "--json", "sized"), list)
      end
      home:does("down", "--force", "sized")
    end
  end)

  it("stops at what is wrong with a recipe, before anything is started", function()
    local status, text, errors = home:lunik("up", home:recipe("bad", "return machine { cpsu = 2 }"))
    assert.same({ 1, "" }, { status, text })
    assert.matches("bad.lua:1: machine.cpsu: no such field; did you mean 'cpu'%?", errors)
    assert.same({}, home:runtime())
    assert.equal(1, (home:lunik("up", "no-such-machine")))
    assert.equal(2, (home:lunik("up", "--set", "x", recipe "a")))
  end)

  it("tells programs what it does, an object a line", function()
    local text, errors = home:does("up", "--json", "--paused", recipe "told")
    assert.equal("", errors)
    local kinds, last = {}, nil
    for line in text:gmatch "[^\n]+" do
      last = assert(core.json.decode(line))
      assert.same({ 1, "told" }, { last.lunik, last.machine })
      kinds[#kinds + 1] = last.kind
    end
    assert.same({ "qemu", "ready", "up" }, kinds)
    assert.same({ "told", "paused", true },
                { last.status.name, last.status.state, last.status.ready })
    home:does("down", "--force", "told")
  end)

  it("that is interrupted undoes what it has begun", function()
    local path = recipe("slow", "on('started', function(vm) print 'HOOK' vm:sleep(600) end)")
    local one = home:start({}, "up", path)
    one:expect("HOOK", PATIENCE)
    one.proc:signal(signal.SIGINT)
    assert.same({ "exited", 7 }, { one:wait(PATIENCE) })
    assert.matches("lunik up: interrupted", one.text)
    after.nothing(home, "slow")
    path = recipe("slow", "ready = 'console: never', on('RESUME', function() print 'HOOK' end)")
    one = home:start({}, "up", path)
    one:expect("HOOK", PATIENCE)
    one.proc:signal(signal.SIGTERM)
    assert.same({ "exited", 7 }, { one:wait(PATIENCE) })
    after.nothing(home, "slow")
  end)

  it("by name starts the machine as it was started before", function()
    home:does("up", "--paused", "--set", "memory=96M", recipe "again")
    assert.equal(96 << 20, home:json("status", "again", "--json").memory.configured)
    home:does("restart", "--force", "again")
    assert.equal(96 << 20, home:json("status", "again", "--json").memory.configured)
    home:does("down", "--force", "again")
    home:does("up", "--paused", "again")
    assert.equal(96 << 20, home:json("status", "again", "--json").memory.configured)
    home:does("down", "--force", "again")
    home:does("up", "--paused", "--set", "cpus=2", "again")
    assert.equal(64 << 20, home:json("status", "again", "--json").memory.configured)
    home:does("down", "--force", "again")
    assert.matches('supervise %-%-recipe "[^"]+" "cpus=2" "paused=true"\n',
                   (home:does("unit", "again")))
  end)

  it("by restart refuses a recipe that makes another machine, and stops nothing", function()
    local path = home:recipe("either", [[return machine { name = env "LUNIK_N" or "either",
      accel = "tcg", memory = "64M" }]])
    home:does("up", "--paused", path)
    local text = scratch.read(path):gsub("either", "other")
    scratch.write(path, text)
    assert.same({ 1, "", "lunik restart: the recipe makes machine 'other' now, not 'either': "
      .. "nothing is stopped\n" }, { home:lunik("restart", "--force", "either") })
    assert.equal("paused", home:json("status", "either", "--json").state)
    home:does("down", "--force", "either")
  end)

  it("by restart has the variables that it was started with", function()
    local path = home:recipe("taken", [[return machine { name = "v" .. (env "LUNIK_N" or ""),
      accel = "tcg", memory = (env "LUNIK_M" or 64) .. "M", cpus = env "LUNIK_C" and 2 }]])
    local function with(list, ...)
      local plain = home.env
      home.env = table.move(list, 1, #list, #plain + 1, { table.unpack(plain) })
      local status, _, errors = home:lunik(...)
      home.env = plain
      return status, errors
    end
    assert.equal(0, (with({ "LUNIK_N=2", "LUNIK_M=80" }, "up", "--paused", path)))
    local kept = scratch.read(home.dir .. "/state/lunik/v2/machine.json")
    assert.matches('LUNIK_M', kept)
    assert.is_nil(kept:find('"80"', 1, true))
    local _, errors = home:does("restart", "--force", "v2")
    assert.matches("v2: LUNIK_N is not set: it stays what it was when the machine was started\n",
      errors)
    assert.equal(80 << 20, home:json("status", "v2", "--json").memory.configured)
    errors = select(2, with({ "LUNIK_M=96", "LUNIK_C=1" }, "restart", "--force", "v2"))
    assert.matches("v2: LUNIK_M is set to another value than when the machine was started\n",
      errors)
    assert.matches("v2: LUNIK_C is set; it was not when the machine was started\n", errors)
    assert.equal(96 << 20, home:json("status", "v2", "--json").memory.configured)
    home:does("down", "--force", "v2")
    local status
    status, errors = with({}, "restart", "v2")
    assert.equal(1, status)
    assert.matches("v2: LUNIK_N is not set; it was when the machine was started\n.*"
      .. "the recipe makes machine 'v' now, not 'v2': nothing is stopped\n$", errors)
  end)

  it("and lunik run share their names, and down ends either", function()
    local path = recipe "front"
    local front = home:start({}, "run", "--no-console", path)
    front:expect("ready after", PATIENCE)
    local status = home:json("status", "front", "--json")
    assert.same({ "running", true, nil }, { status.state, status.foreground, status.ended })
    assert.equal(3, (home:lunik("up", path)))
    -- it answers like any other
    home:does("wait", "--for", "ready", "front")
    home:does("pause", "front")
    assert.matches("state +paused, in the foreground of another terminal\n",
                   (home:does("status", "front")))
    home:does("resume", "front")
    assert.matches("STOP.*RESUME", (home:does("events", "front")))
    assert.matches("VM status: running", (home:does("qmp", "front", "human-monitor-command",
                                                    "command-line=info status")))
    local first = home:start({}, "down", "front")
    front:expect("asking the guest to power off", PATIENCE)
    home:does("down", "--force", "front")
    assert.same({ "exited", 7 }, { front:wait(PATIENCE) })
    assert.same({ "exited", 7 }, { first:wait(PATIENCE) })
    after.gone(home)
    assert.same({}, home:runtime())
  end)

  -- Firmware without a system does not hear its power button.
  it("goes down as slowly as its guest, whoever looks or goes away, until it is forced", function()
    home:does("up", recipe "slow")
    local first = home:start({ terminal = true }, "down", "slow")
    first:expect("asking the guest to power off", PATIENCE)
    first:send "\3"
    assert.same({ "exited", 130 }, { first:wait(PATIENCE) })
    assert.matches("lunik down: interrupted; slow goes on stopping; lunik down slow looks again",
                   first.text)
    local second = home:start({}, "down", "slow")
    second:expect("slow: it is stopping already; waiting for its end", PATIENCE)
    assert.equal("stopping", home:json("status", "slow", "--json").state)
    assert.is_nil((first.text .. log "slow"):find("telling QEMU", 1, true))
    home:does("down", "--force", "slow")
    assert.same({ "exited", 7 }, { second:wait(PATIENCE) })
    after.nothing(home, "slow")
  end)

  it("asks the recipe itself whether it is ready", function()
    local _, errors = home:does("up", recipe("asked", [[
      ready = function(vm)
        local status = vm:qmp "query-status".status
        print("asked while " .. status)
        return status == "running"
      end, ready_within = 10]]))
    assert.matches("asked: asked while running\n.*asked: ready after ", errors)
    home:does("down", "--force", "asked")
    local status
    status, _, errors = home:lunik("up", recipe("never", [[
      ready = function(vm) return false, "the moon is not full" end, ready_within = 1]]))
    assert.equal(6, status)
    assert.matches("not ready in time: the ready function said no for 1 seconds: the moon is not "
                   .. "full\n", errors)
    assert.matches("the machine runs on: lunik console never, lunik down never\n$", errors)
    assert.equal("running", home:json("status", "never", "--json").state)
    home:does("down", "--force", "never")
    status, _, errors = home:lunik("up", recipe("wrong", "ready = function(vm) error 'oh' end"))
    assert.equal(6, status)
    assert.matches("not ready in time: ready function: .*oh", errors)
    home:does("down", "--force", "wrong")
  end)

  it("runs hooks that loop, wait and raise, and neither the machine nor others wait", function()
    local _, errors = home:does("up", recipe("hooks", [[
      on("ready", function(vm) print "HOOK first" end),
      on("STOP", function() while true do pcall(function() while true do end end) end end),
      on("RESUME", function(vm) print "HOOK resume" end),
      on("ready", function(vm) error "HOOK raised" end),
      on("ready", function(vm) print "HOOK \xff\27 bytes" end),
      on("ready", function(vm) print "HOOK last" end)]]))
    assert.matches("HOOK first\n.*problem: .*hooks.lua:%d+: hook ready: .*HOOK raised\n"
                   .. "stack traceback.*HOOK \\xff\\x1b bytes\n.*HOOK last", errors)
    home:does("pause", "hooks")
    for _ = 1, 5 do
      assert.equal("paused", home:json("status", "hooks", "--json").state)
      assert.equal("paused", home:json("qmp", "--json", "hooks", "query-status")["return"].status)
    end
    home:does("down", "--force", "hooks")
    after.nothing(home, "hooks")
  end)

  it("lets hooks run programs, in the user's surroundings", function()
    home:does("up", recipe("tools", [[
      on("ready", function(vm) print("HOOK", host.run { "sh", "-c", "echo $HOME; pwd" }) end)]]))
    assert.matches("HOOK\t0\t" .. home.dir .. "\n/\n", log "tools")
    home:does("down", "--force", "tools")
  end)

  it("tells a supervisor that hangs from one that is gone", function()
    home:does("up", "--paused", recipe "stuck")
    local supervisor = core.proc.open(home:json("status", "stuck", "--json").supervisor.pid)
    supervisor:signal(signal.SIGSTOP)
    assert.equal("stuck", home:json("status", "stuck", "--json").state)
    assert.same({ 1, "lunik qmp: machine 'stuck' has a supervisor that does not answer: "
                  .. "lunik down --force stuck ends both\n" },
                { 1, select(3, home:lunik("qmp", "stuck", "query-status")) })
    local _, errors = home:does("down", "--force", "stuck")
    assert.matches("^stuck: its supervisor does not answer: killing it\n", errors)
    after.nothing(home, "stuck")
  end)

  it("never takes the number of somebody else's process for a machine's", function()
    home:does("up", recipe "stale")
    local status = home:json("status", "stale", "--json")
    for _, pid in ipairs { status.supervisor.pid, status.qemu.pid } do
      local proc = core.proc.open(pid)
      proc:signal(9)
      proc:wait(60)
    end
    local bystander <close> = assert(core.proc.spawn { argv = { "sleep", "600" }, path = true })
    local path = home.dir .. "/run/lunik/stale/vm.json"
    local record = core.json.decode(scratch.read(path))
    record.qemu.pid, record.supervisor.pid = bystander:pid(), bystander:pid()
    scratch.write(path, core.json.encode(record))
    assert.equal("gone", home:json("status", "stale", "--json").state)
    local _, errors = home:does("down", "stale")
    assert.equal("stale: it had ended; what it left is removed\n", errors)
    home:does("up", recipe "stale")
    home:does("down", "--force", "stale")
    assert.is_nil((bystander:wait(0)))
    bystander:signal(9)
  end)

  it("says how a QEMU ended that crashed, with its last words", function()
    home:does("up", recipe "crash")
    local watching = home:start({}, "events", "-f", "crash")
    watching:expect("LUNIK_READY", PATIENCE)
    local status = home:json("status", "crash", "--json")
    scratch.write(home.dir .. "/state/lunik/crash/qemu.log", "last words\n")
    core.proc.open(status.qemu.pid):signal(11)
    watching:expect('LUNIK_ENDED {"code":4,"kind":"crash","lines":%["last words"%]', PATIENCE)
    after.nothing(home, "crash")
    assert.matches("ended       QEMU was killed by signal 11\n                last words\n",
                   (home:does("status", "crash")))
    assert.equal("crash", home:json("status", "crash", "--json").ended.kind)
  end)

  it("is not taken over by a lunik that does not understand how it was started", function()
    home:does("up", "--paused", recipe "foreign")
    local pid = home:json("status", "foreign", "--json").supervisor.pid
    local supervisor = core.proc.open(pid)
    supervisor:signal(9)
    supervisor:wait(60)
    local path = home.dir .. "/run/lunik/foreign/snapshot"
    scratch.write(path, (scratch.read(path):gsub('%["format"%]=%d+', '["format"]=99')))
    local status, _, errors = home:lunik("adopt", "foreign")
    assert.equal(3, status)
    assert.matches("^lunik adopt: the machine was started by another version of lunik", errors)
    assert.equal("unsupervised", home:json("status", "foreign", "--json").state)
    home:does("down", "--force", "foreign")
    after.nothing(home, "foreign")
  end)

  -- Whether somebody waits for a lock, as the kernel lists it.
  local function is_waited_for(path)
    local inode = stat.stat(path).st_ino
    for line in io.lines "/proc/locks" do
      if line:find "%-> FLOCK" and line:find((":%d "):format(inode), 1, true) then return true end
    end
  end

  it("is taken over though its supervisor, just killed, has its lock for a moment yet", function()
    home:does("up", "--paused", recipe "held")
    local supervisor <close> = core.proc.open(home:json("status", "held", "--json").supervisor.pid)
    supervisor:signal(9)
    assert.is_truthy(supervisor:wait(PATIENCE))
    local path = home.dir .. "/run/lunik/held/supervisor.lock"
    local lock <close> = assert(core.lock.take(path))
    local adopting = home:start({}, "adopt", "held")
    repeat until is_waited_for(path) or adopting.proc:wait(0.05)
    lock:close()
    assert.same({ "exited", 0 }, { adopting:wait(PATIENCE) }, adopting.text)
    home:does("down", "--force", "held")
    after.nothing(home, "held")
  end)

  it("keeps what only the user may see to the user", function()
    home:does("up", "--paused", recipe "private")
    for _, path in ipairs(scratch.list(home.dir .. "/run/lunik")) do
      assert.equal(0, stat.stat(home.dir .. "/run/lunik/" .. path).st_mode & 63, path)
    end
    for _, path in ipairs(scratch.list(home.dir .. "/state/lunik")) do
      local mode = stat.stat(home.dir .. "/state/lunik/" .. path).st_mode & 511
      assert.is_true(path:find "console.log" ~= nil or mode & 63 == 0, path)
    end
    home:does("down", "--force", "private")
  end)

  it("is there for any Lua program, within its loop and without", function()
    recipe "embedded"
    local script = ([[
      local lunik, loop = require "lunik", require "lunik.loop"
      local told = {}
      local vm, problems = lunik.up(%q, { paused = true,
        tell = function(kind, text) told[#told + 1] = kind end })
      assert(vm, problems and lunik.text(problems))
      assert(told[1] == "qemu" and told[#told] == "ready", table.concat(told, " "))
      local events = {}
      vm:on("RESUME", function(_, event) events[#events + 1] = event.event end)
      assert(vm:qmp "query-status".running == false)
      vm:qmp "cont"
      assert(vm:status().state == "running" and events[1] == "RESUME")
      assert(vm:wait(10, "ready"))
      local nothing, why = vm:forward "ssh"
      assert(nothing == nil and why == "no forward named 'ssh'")
      local code
      nothing, why, code = vm:wait(0.05)
      assert(nothing == nil and why == "still running" and code == "timeout")
      vm:close()
      local l <close> = loop.new()
      l:run(function()
        local again <close> = assert(lunik.attach("embedded", { loop = l }))
        local beside = l:spawn("beside", function() return again:qmp("query-name").name end)
        assert(select(2, beside:join(10)) == "embedded")
        again:stop("done", "quit")
        local how = assert(again:wait(60))
        assert(how.kind == "killed", how.kind)
      end)
      vm, problems = lunik.attach "embedded"
      assert(vm == nil and lunik.text(problems) == "machine 'embedded' is not running",
             problems and lunik.text(problems))
      vm, problems = lunik.up(%q)
      assert(vm == nil and lunik.text(problems):find "no such field")
      print "done"
    ]]):format(home.dir .. "/embedded.lua", home:recipe("bad", "return machine { cpsu = 2 }"))
    local reader, writer = require "posix.unistd".pipe()
    local child, out = run.start { path = true, cwd = home.dir, fds = { [2] = writer },
      env = table.move(home.env, 1, #home.env, 1, { }),
      argv = { "lua5.4", "-e", ("package.path = %q package.cpath = %q "):format(package.path,
        package.cpath) .. script } }
    require "posix.unistd".close(writer)
    local text, errors = run.drain(out), run.drain(reader)
    assert.same({ "exited", 0 }, { child:wait(60) }, errors)
    assert.equal("done\n", text)
    after.nothing(home, "embedded")
  end)
end)

-- Starting machines with plans written by hand: a real QEMU, and one that misbehaves.
-- Whatever fails at whatever step, nothing stays behind.
local core = require "lunik.core"
local launch = require "lunik.launch"
local loop = require "lunik.async.loop"
local plans = require "support.plans"
local resource = require "posix.sys.resource"
local scratch = require "support.scratch"
local signal = require "posix.signal"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("launch", function()
  local dir, told
  before_each(function()
    dir, told = scratch.new(), {}
  end)
  after_each(function() scratch.remove(dir) end)

  -- The processes that carry the machine's id or its directory.
  local function processes()
    local found = {}
    for entry in require "posix.dirent".files "/proc" do
      local file = entry:find "^%d+$" and io.open("/proc/" .. entry .. "/cmdline")
      if file then
        local line = file:read "a" or ""
        file:close()
        if line:find(dir, 1, true) then found[#found + 1] = line:gsub("%z", " ") end
      end
    end
    return found
  end

  local function starting(plan, fn, options)
    local l <close> = loop.new()
    options = options or {}
    options.tell = function(kind, text) told[#told + 1] = kind .. ": " .. text end
    l:run(function()
      local vm, why = launch.start(plan, l, options)
      fn(vm, why, l)
    end)
  end

  -- Starts, runs `fn(vm, loop)`, ends the machine.
  local function running(plan, fn, options)
    local how
    starting(plan, function(vm, why, l)
      assert(vm, why)
      fn(vm, l)
      if not vm.qemu.ended:is_set() then vm:qmp "quit" end
      how = vm:wait(60)
      assert.is_truthy(how, "the machine did not end")
    end, options)
    return how
  end

  local function failing(plan, options)
    local why
    starting(plan, function(vm, reason)
      assert.is_nil(vm)
      why = reason
    end, options)
    assert.same({}, processes())
    return why
  end

  local function nothing_left(kept)
    assert.same(kept or {}, scratch.list(dir))
    assert.same({}, processes())
  end

  it("starts a machine, and leaves nothing behind when it ends", function()
    local how = running(plans.new(dir), function(vm)
      assert.equal("running", vm:qmp "query-status".status)
      assert.same({ "run", "run/t", "run/t/machine.lock", "run/t/monitor.sock", "run/t/qemu.log",
                    "run/t/supervisor.lock", "run/t/vm.json", "state", "state/t",
                    "state/t/runtime.json", "state/t/state.lock" },
                  scratch.list(dir))
      assert.equal(384, stat.stat(dir .. "/run/t/monitor.sock").st_mode & 511)
      assert.equal(384, stat.stat(dir .. "/run/t/qemu.log").st_mode & 511)
    end)
    assert.same({ "quit", 0 }, { how.kind, how.code })
    nothing_left()
  end)

  it("records what it started, by number and id", function()
    running(plans.new(dir), function(vm)
      local record = require "lunik.store.records".read(vm.plan.runtime)
      assert.equal(vm.qemu:pid(), record.qemu.pid)
      assert.equal("running", record.step)
      local environ = scratch.read(("/proc/%d/environ"):format(vm.qemu:pid()))
      assert.truthy(environ:find("LUNIK_ID=" .. record.id, 1, true))
    end)
  end)

  it("runs QEMU in the folder that the plan says, and stays where it is itself", function()
    local here = unistd.getcwd()
    running(plans.new(dir, { cwd = dir }), function(vm)
      assert.equal(dir, unistd.readlink(("/proc/%d/cwd"):format(vm.qemu:pid())))
      assert.equal(here, unistd.getcwd())
    end)
    running(plans.new(dir), function(vm)
      assert.equal(here, unistd.readlink(("/proc/%d/cwd"):format(vm.qemu:pid())))
    end)
  end)

  it("lives in a directory whose name no socket address could hold", function()
    local deep = dir .. "/" .. ("d"):rep(120)
    stat.mkdir(deep, 448)
    running(plans.new(deep), function(vm)
      assert.equal("running", vm:qmp "query-status".status)
    end)
    assert.same({}, scratch.list(deep))
  end)

  it("holds the machine's lock as long as QEMU lives", function()
    running(plans.new(dir), function(vm)
      local holder = ("/proc/%d/fd/4"):format(vm.qemu:pid())
      assert.equal(dir .. "/run/t/machine.lock", unistd.readlink(holder))
    end)
  end)

  it("gives QEMU its descriptors and no others", function()
    running(plans.new(dir), function(vm)
      local log = unistd.readlink(("/proc/%d/fd/2"):format(vm.qemu:pid()))
      assert.equal(dir .. "/run/t/qemu.log", log)
      assert.equal("/dev/null", unistd.readlink(("/proc/%d/fd/0"):format(vm.qemu:pid())))
      assert.matches("^socket:", unistd.readlink(("/proc/%d/fd/3"):format(vm.qemu:pid())))
    end)
  end)

  it("refuses a machine that is running already, which runs on", function()
    running(plans.new(dir), function(vm, l)
      local second, why = launch.start(plans.new(dir), l, {})
      assert.is_nil(second)
      assert.matches("^machine 't' is already running %(pid %d+ holds ", why)
      assert.equal("running", vm:qmp "query-status".status)
    end)
    nothing_left()
  end)

  it("cleans up after a supervisor that was killed", function()
    local plan = plans.new(dir)
    local claim = assert(require "lunik.store.locks".claim(plan))
    scratch.write(plan.runtime .. "/monitor.sock", "stale")
    require "lunik.store.locks".disown(claim)
    running(plan, function() end)
    nothing_left()
  end)

  describe("with files", function()
    local base
    before_each(function()
      base = dir .. "/base.qcow2"
      assert(os.execute("qemu-img create -q -f qcow2 '" .. base .. "' 1M"))
    end)

    local function overlay(fields)
      local file = { kind = "overlay", path = dir .. "/over.qcow2", base = base,
                     base_format = "qcow2", keep = false }
      for key, value in pairs(fields or {}) do file[key] = value end
      return file
    end

    it("makes a throw-away overlay anew, and throws it away", function()
      scratch.write(dir .. "/over.qcow2", "left by a crash")
      running(plans.new(dir, { files = { overlay() } }), function()
        assert.equal("QFI\xfb", scratch.read(dir .. "/over.qcow2"):sub(1, 4))
      end)
      nothing_left { "base.qcow2" }
    end)

    it("makes what is to be kept once, and keeps it", function()
      local plan = plans.new(dir, { files = { overlay { keep = true } } })
      running(plan, function() end)
      local before = stat.stat(dir .. "/over.qcow2").st_ino
      running(plan, function() end)
      assert.equal(before, stat.stat(dir .. "/over.qcow2").st_ino)
      nothing_left { "base.qcow2", "over.qcow2", "over.qcow2.base" }
    end)

    it("names a base beside an overlay by what lies there, and writes down its facts", function()
      running(plans.new(dir, { files = { overlay { keep = true } } }), function() end)
      local image = require "lunik.host.image"
      local host = require "lunik.host"
      assert.equal("base.qcow2",
        image.read("qcow2", scratch.read(dir .. "/over.qcow2")).backing)
      assert.same(image.facts(base, "qcow2", host),
        require "lunik.core".json.decode(scratch.read(dir .. "/over.qcow2.base")))
    end)

    describe("where the guest's system is on one of them", function()
      local known, plan
      local function knowing(fields)
        known = dir .. "/known_hosts"
        fields.system = true
        plan = plans.new(dir, { files = { overlay(fields) }, guest = { mounts = {},
          ssh = { user = "root", forward = "ssh", known_hosts = known } } })
        scratch.write(known, "lunik-t ssh-ed25519 AAAA\n")
      end

      it("forgets the guest's host key with a disk that is thrown away", function()
        knowing { keep = false }
        running(plan, function()
          assert.is_nil(stat.stat(known))
          scratch.write(known, "lunik-t ssh-ed25519 BBBB\n")
        end)
        nothing_left { "base.qcow2" }
      end)

      it("keeps it with a disk that is kept, until that is made anew", function()
        knowing { keep = true }
        running(plan, function() end)
        assert.is_nil(stat.stat(known))
        scratch.write(known, "lunik-t ssh-ed25519 BBBB\n")
        running(plan, function() end)
        assert.equal("lunik-t ssh-ed25519 BBBB\n", scratch.read(known))
        os.remove(dir .. "/over.qcow2")
        running(plan, function() end)
        assert.is_nil(stat.stat(known))
      end)
    end)

    it("makes images of a size", function()
      local image = { kind = "image", path = dir .. "/new.raw", size = 1 << 20, format = "raw",
                      keep = true }
      running(plans.new(dir, { files = { image } }), function()
        assert.equal(1 << 20, stat.stat(dir .. "/new.raw").st_size)
      end)
    end)

    it("says what qemu-img said, and takes everything back", function()
      local why = failing(plans.new(dir, { files = { overlay { base = dir .. "/nosuch" } } }))
      assert.matches("^create .*/over.qcow2: qemu%-img exited with status 1: .*nosuch", why)
      nothing_left { "base.qcow2" }
    end)

    it("says that there is no qemu-img", function()
      local why = failing(plans.new(dir, { files = { overlay() }, qemu_img = "/nosuch/qemu-img" }))
      assert.matches("^create .*: exec /nosuch/qemu%-img: No such file or directory$", why)
      nothing_left { "base.qcow2" }
    end)

    -- Calls `fn` with a directory that holds 64 KiB, made as this user may make one.
    local function in_small(fn)
      local small = dir .. "/small"
      stat.mkdir(small, 448)
      if unistd.geteuid() == 0 then
        assert(os.execute("mount -t tmpfs -o size=64k tmpfs '" .. small .. "'"))
        fn(small)
        assert(os.execute("umount '" .. small .. "'"))
      else
        local before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE,
                           { rlim_cur = 65536, rlim_max = before.rlim_max })
        fn(small)
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
      end
    end

    it("leaves no half of a file that did not fit", function()
      local why, left
      in_small(function(small)
        why = failing(plans.new(dir, { files = { overlay { path = small .. "/x", keep = true } } }))
        left = scratch.list(small)
      end)
      assert.matches("^create .*/small/x: qemu%-img %l+ ", why)
      assert.same({}, left)
    end)
  end)

  it("says that there is no QEMU", function()
    local why = failing(plans.new(dir, { binary = "/nosuch/qemu" }))
    assert.equal("exec /nosuch/qemu: No such file or directory", why)
    nothing_left()
  end)

  it("says in QEMU's own words why it ended", function()
    local plan = plans.new(dir)
    plan.argv = { "-nodefaults", "-display", "none", "-device", "nosuchdev" }
    local why = failing(plan)
    assert.matches("^qemu: exited with status 1: .*'nosuchdev' is not a valid device", why)
    nothing_left()
  end)

  it("refuses a runtime directory that is open to others", function()
    stat.mkdir(dir .. "/run", 448)
    stat.mkdir(dir .. "/run/t", 448)
    stat.chmod(dir .. "/run/t", 511)
    assert.equal(dir .. "/run/t: open to others (mode 0777)", failing(plans.new(dir)))
    nothing_left { "run", "run/t" }
  end)

  it("takes everything back when a hook of `started` raises", function()
    local why = failing(plans.new(dir), { hooks = { { point = "started", at = "vm.lua:3",
      fn = function() error "not today" end } } })
    assert.matches("^vm.lua:3: hook started: .*not today", why)
    nothing_left()
  end)

  it("runs the plan's own commands while QEMU is paused, and stops at a refusal", function()
    local plan = plans.new(dir, { qmp = {
      { execute = "object-add", arguments = { ["qom-type"] = "rng-builtin", id = "rng" } } } })
    running(plan, function(vm)
      assert.is_truthy(vm:qmp("qom-get", { path = "/objects/rng", property = "type" }))
    end, { hooks = { { point = "started", fn = function(vm)
      assert.equal("prelaunch", vm:qmp "query-status".status)
    end } } })
    plan.qmp[2] = { execute = "object-add", arguments = { ["qom-type"] = "nosuch", id = "x" } }
    assert.matches("^qemu: object%-add: .*nosuch", failing(plan))
    nothing_left()
  end)

  describe("with a QEMU that misbehaves", function()
    local function fails(acts, options, fields)
      local plan = plans.fake(dir, acts, fields)
      local why = failing(plan, options)
      nothing_left()
      return why
    end

    it("reports one that ends before it listens to anybody", function()
      assert.equal("qemu: exited with status 3: no such thing",
                   fails { { "stderr", "no such thing" }, { "exit", 3 } })
    end)

    it("reports one that ends after its greeting, as QEMU does", function()
      assert.matches("^qemu: exited with status 1: bad device$",
                     fails { { "accept" },
                             { "say", '{"QMP": {"version": {}, "capabilities": []}}' },
                             { "stderr", "bad device" }, { "exit", 1 } })
    end)

    it("reports the signal of one that crashes", function()
      assert.equal("qemu: killed by signal 6: assertion failed",
                   fails { { "accept" }, { "stderr", "assertion failed" }, { "die", 6 } })
    end)

    it("ends one that never answers, at the deadline, with what it said", function()
      assert.equal("qemu: no answer within 0.05 seconds: waiting for a vhost-user peer",
                   fails({ { "accept" }, { "stderr", "waiting for a vhost-user peer" },
                           { "hang" } }, { seconds = 0.05 }))
    end)

    it("ends one that does not even hear SIGTERM", function()
      assert.equal("qemu: no answer within 0.05 seconds",
                   fails({ { "ignore", 15 }, { "accept" }, { "hang" } }, { seconds = 0.05 }))
    end)

    it("reports one that talks nonsense", function()
      assert.matches("^qemu: ", fails({ { "accept" }, { "bytes", "HTTP/1.0 200 OK\r\n\r\n" },
                                        { "hang" } }, { seconds = 5 }))
    end)

    it("reports one that refuses to run the guest", function()
      assert.equal("qemu: cont: no", fails(plans.told {
        { "error", "GenericError", "no" }, { "hang" } }))
    end)

    it("reports one that cannot say which ports it chose", function()
      local forward = { name = "ssh", protocol = "tcp", address = "127.0.0.1", port = 0,
                        guest = 22, netdev = "n" }
      assert.equal("forward ssh: to port 22 of the guest: not listed by QEMU",
                   fails({ { "greet" }, { "hear", "query-status" }, { "return" },
                           { "hear", "human-monitor-command" }, { "return", "" }, { "hang" } },
                         {}, { forwards = { forward } }))
    end)
  end)

  describe("with helpers", function()
    local from
    before_each(function()
      from = dir .. "/from"
      stat.mkdir(from, 448)
    end)

    local function with_share(helper, fields)
      local plan = plans.new(dir, fields)
      plan.argv = plans.pc()
      return plans.share(plan, "fs", from, helper)
    end

    it("starts them, proves them, and ends them with the machine", function()
      local how = running(with_share(), function(vm)
        assert.is_nil(stat.stat(dir .. "/run/t/fs.sock"))
        assert.is_false(vm.helpers[1].ended:is_set())
      end)
      assert.equal(0, how.code)
      nothing_left { "from" }
    end)

    it("says in a helper's own words why it does not start", function()
      local why = failing(with_share { argv = { plans.virtiofsd, "--nosuch" } })
      assert.matches("^helper fs: exited with status [12]: .*nosuch", why)
      nothing_left { "from" }
    end)

    it("says that there is no such helper", function()
      local why = failing(with_share { argv = { "/nosuch/virtiofsd" } })
      assert.equal("helper fs: exec /nosuch/virtiofsd: No such file or directory", why)
      nothing_left { "from" }
    end)

    it("says that the shared directory is gone", function()
      unistd.rmdir(from)
      assert.matches("^helper fs: share .*/from: .*No such file or directory$",
                     failing(with_share()))
      nothing_left()
    end)

    it("reports one that is killed before it shows that it works", function()
      local why = failing(with_share { argv = { "/bin/sh", "-c", "kill -9 $$" } })
      assert.equal("helper fs: killed by signal 9", why)
      nothing_left { "from" }
    end)

    it("reports one that answers with nonsense", function()
      local script = [[local core = require "lunik.core"
        local peer = core.chan.adopt(3):accept(10)
        peer:read(100, 10)
        peer:send(("x"):rep(20), 1)
        peer:read(100, 10)]]
      local lua = ("package.cpath = %q"):format(package.cpath)
      local why = failing(with_share { argv = { "lua5.4", "-e", lua, "-e", script } })
      assert.equal("helper fs: an answer that is not vhost-user", why)
      nothing_left { "from" }
    end)

    it("reports one that dies between its proof and QEMU's devices", function()
      local plan = plans.fake(dir, { { "stderr", "vhost_backend_init failed" }, { "accept" },
                                     { "hang" } })
      plan.helpers[1] = { name = "side", argv = { "/bin/sh", "-c", "echo going >&2; exit 7" },
                          kind = "other", log = dir .. "/run/t/side.log" }
      local why = failing(plan, { seconds = 0.3 })
      assert.matches("^helper side: exited with status 7: going\nqemu: ", why)
      nothing_left { "from" }
    end)

    it("ends a QEMU that such a one has frozen", function()
      local script = [[local core = require "lunik.core"
        local peer = core.chan.adopt(3):accept(10)
        peer:read(100, 10)
        peer:send(string.pack("<I4I4I4I8", 1, 5, 8, 1 << 30), 1)
        while peer:read(4096) do end]]
      local lua = ("package.cpath = %q"):format(package.cpath)
      local plan = with_share { argv = { "lua5.4", "-e", lua, "-e", script } }
      assert.equal("qemu: no answer within 0.5 seconds", failing(plan, { seconds = 0.5 }))
      nothing_left { "from" }
    end)

    it("tells at once when one dies while the machine runs, and what it means", function()
      local heard
      local how = running(with_share(), function(vm)
        vm.helpers[1]:signal(signal.SIGKILL)
        repeat vm:sleep(0.01) until heard
      end, { hooks = { { point = "helper-died", fn = function(_, helper) heard = helper end } } })
      assert.same({ "fs", "killed", 9, "the mount is dead" },
                  { heard.name, heard.how, heard.value, heard.means })
      assert.matches("problem: helper fs: killed by signal 9.*; the mount is dead",
                     table.concat(told, "\n"))
      assert.same({ "helper", 4 }, { how.kind, how.code })
      nothing_left { "from" }
    end)
  end)

  it("says how a QEMU that is killed from outside ended", function()
    local how = running(plans.new(dir), function(vm)
      core.proc.open(vm.qemu:pid()):signal(9)
      vm.qemu.ended:wait()
    end)
    assert.same({ "killed", 7, 9 }, { how.kind, how.code, how.signal })
    nothing_left()
  end)

  it("says how a QEMU that crashed ended, with its last words", function()
    local acts = plans.told { { "return" }, { "stderr", "double free or corruption" },
                              { "die", 6 } }
    local how = running(plans.fake(dir, acts), function(vm) vm.qemu.ended:wait() end)
    assert.same({ "crash", 4, 6 }, { how.kind, how.code, how.signal })
    assert.same({ "double free or corruption" }, how.lines)
    nothing_left()
  end)

  it("hands events to hooks in order, and calls exit last", function()
    local heard = {}
    local function note(name) return function() heard[#heard + 1] = name end end
    running(plans.new(dir), function(vm)
      vm:qmp "stop"
      vm:qmp "cont"
      vm:qmp "stop"
    end, { hooks = {
      { point = "exit", fn = note "exit 1" }, { point = "exit", fn = note "exit 2" },
      { point = "STOP", fn = note "stop" }, { point = "RESUME", fn = note "resume" },
      { point = "SHUTDOWN", fn = function(_, event) heard[#heard + 1] = event.reason end },
      { point = "ready", fn = note "ready" }, { point = "started", fn = note "started" } } })
    assert.same({ "started", "resume", "ready", "stop", "resume", "stop", "host-qmp-quit", "exit 2",
                  "exit 1" }, heard)
  end)

  it("takes back a start that is cancelled, at every point of it", function()
    local plan = plans.new(dir)
    plan.argv = plans.pc()
    stat.mkdir(dir .. "/from", 448)
    plans.share(plan, "fs", dir .. "/from")
    local finished, turns = false, 0
    while not finished do
      local l <close> = loop.new()
      turns = turns + 1
      l:run(function()
        local start = l:spawn("start", launch.start, plan, l, {})
        for _ = 1, turns do
          if start.finished:is_set() then break end
          l:wait(-1, "r", 0.004)
        end
        finished = start.finished:is_set()
        start:cancel()
        local ok, vm = start:join()
        if ok then
          vm:qmp "quit"
          vm:wait()
        end
      end)
      nothing_left { "from" }
    end
    assert.is_true(turns > 3)
  end)
end)

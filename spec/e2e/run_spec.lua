-- `lunik run` as its users meet it, with a real guest: several specs share one boot.
local core = require "lunik.core"
local program = require "support.program"
local scratch = require "support.scratch"
local signal = require "posix.signal"
local stat = require "posix.sys.stat"
local termio = require "posix.termio"

local GUEST = require "posix.stdlib".realpath "build/guest"
local QUICK = "console=ttyS0 tsc=reliable no_timer_check nokaslr mitigations=off "
              .. "random.trust_cpu=on cryptomgr.notests panic=-1 loglevel=6"

describe("lunik run", function()
  local dir, share, running

  -- The recipe of a small guest with `items`, started; `options` as of program.start.
  local function start(items, options, arguments)
    options = options or {}
    local recipe = ([[
      local guest = %q
      return machine { name = "e2e", accel = "tcg", cpus = 2, memory = "512M",
        kernel = guest .. "/%svmlinux", initrd = guest .. "/%sinitramfs.img", append = %q,
        %s }]]):format(GUEST, options.flavour or "", options.flavour or "", QUICK, items)
    scratch.write(dir .. "/vm.lua", recipe)
    options.env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath,
                    "XDG_RUNTIME_DIR=" .. dir .. "/run", "XDG_STATE_HOME=" .. dir .. "/state",
                    "PATH=" .. os.getenv "PATH", "HOME=" .. dir, "TERM=dumb" }
    local argv = { "lua5.4", "spec/support/lunik.lua", "run", dir .. "/vm.lua" }
    running = program.start(table.move(arguments or {}, 1, 9, #argv + 1, argv), options)
    return running
  end

  local function processes()
    local found = {}
    for entry in require "posix.dirent".files "/proc" do
      local file = entry:find "^%d+$" and io.open("/proc/" .. entry .. "/cmdline")
      local line = file and file:read "a" or ""
      if file then file:close() end
      if line:find(dir, 1, true) then found[#found + 1] = line:gsub("%z", " ") end
    end
    return found
  end

  local function nothing_left()
    assert.same({}, processes())
    assert.same({}, scratch.list(dir .. "/run"))
    assert.same({}, scratch.list(dir .. "/state"))
  end

  local function begin()
    dir = scratch.new()
    share = dir .. "/share, really"
    for _, path in ipairs { share, dir .. "/run", dir .. "/state" } do stat.mkdir(path, 448) end
  end

  local function over()
    if running then running:close() end
    running = nil
    scratch.remove(dir)
  end

  describe("a guest with everything", function()
    setup(function()
      begin()
      scratch.write(share .. "/from-host", "written by the host\n")
      start(([[
        nic { forward = { ssh = 22 } }, agent {},
        ssh { user = "root", key = guest .. "/id_ed25519" },
        console {}, hotplug { ports = 2 },
        mount { from = %q, to = "/work" },
        mount { from = %q, to = "/fixed", readonly = true },
        on("started", function(vm) print("HOOK started", vm:qmp "query-status".status) end),
        on("RESUME", function() print "HOOK resume" end),
        on("ready", function(vm)
          print("HOOK ready", vm:exec { "cat", "/work/from-host" })
          vm:exec { "sh", "-c", "echo written by the guest > /work/from-guest" }
          print("HOOK refused", (vm:exec { "touch", "/fixed/x" }))
          print("HOOK port", vm:forward "ssh", #vm:mounts(), vm:mounts()[1].state)
        end),
        on("RESET", function(vm, event) print("HOOK reset", event.reason) end),
        on("SHUTDOWN", function(vm, event) print("HOOK shutdown", event.reason) end),
        on("stop", function() print "HOOK stop" end),
        on("exit", function(vm, how) print("HOOK exit", how.kind) end),
      ]]):format(share, share))
    end)
    teardown(over)

    local port, ssh

    local function in_guest(command)
      local child = program.start({ "sh", "-c", ssh .. " '" .. command .. "'" },
                                  { env = { "PATH=" .. os.getenv "PATH" } })
      local how, status = child:wait(60)
      local text = child.text
      child:close()
      return text, how, status
    end

    -- Waits until the guest has its sshd, which comes later than its agent. `from` is a place in
    -- what lunik has written.
    local function booted(from)
      local here = running.from
      running.from = from
      running:expect "lunik guest ready"
      running.from = math.max(here, running.from)
    end

    it("says what it starts and how to reach it", function()
      running:expect "lunik: helper fs%-work started %(pid %d+%)"
      running:expect "lunik: %S*qemu%-system%-[%w_]+ started %(pid %d+%)"
      port = running:expect "lunik: forward ssh: tcp 127.0.0.1:(%d+) to port 22 of the guest"
      ssh = running:expect "lunik: (ssh [^\n]+)\n"
    end)

    it("runs the hook of `started` before the guest, then its events", function()
      assert.truthy(running.text:find "HOOK started\tprelaunch.*HOOK resume")
    end)

    it("shows the guest's console", function()
      running:expect "Linux version"
    end)

    it("mounts in the guest, and then calls it ready", function()
      running:expect "lunik: work is at /work in the guest"
      running:expect "lunik: fixed is at /fixed in the guest"
      running:expect "lunik: ready after [%d.]+ s"
      assert.equal("written by the host", running:expect "HOOK ready\t0\t([^\n]+)\n")
    end)

    it("carries what the guest writes to the host, but not into a readonly share", function()
      running:expect "HOOK refused\t1"
      assert.equal(port, running:expect "HOOK port\t(%d+)\t2\tmounted")
      assert.equal("written by the guest\n", scratch.read(share .. "/from-guest"))
      assert.is_nil(stat.stat(share .. "/x"))
    end)

    it("is reached by ssh through the port that QEMU chose", function()
      booted(1)
      assert.same({ "root written by the guest\n", "exited", 0 },
                  { in_guest "echo $(whoami) $(cat /work/from-guest)" })
      assert.equal(7, select(3, in_guest "exit 7"))
    end)

    it("keeps hook and mounts over a reboot of the guest", function()
      in_guest "reboot"
      running:expect "HOOK reset\tguest%-reset"
      local reset = running.from
      running:expect "lunik: work is at /work in the guest"
      running:expect "lunik: fixed is at /fixed in the guest"
      booted(reset)
      assert.equal("written by the host\n", (in_guest "cat /work/from-host"))
    end)

    it("refuses to start the same machine again", function()
      local second = program.start({ "lua5.4", "spec/support/lunik.lua", "run", dir .. "/vm.lua" },
        { env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath, "PATH=" ..
                  os.getenv "PATH", "XDG_RUNTIME_DIR=" .. dir .. "/run",
                  "XDG_STATE_HOME=" .. dir .. "/state" } })
      assert.same({ "exited", 3 }, { second:wait() })
      assert.matches(("lunik run: machine 'e2e' is already running, from %%S+/vm.lua "
                      .. "%%(pid %d holds"):format(running.proc:pid()), second.text)
      second:close()
    end)

    it("powers the guest off at SIGINT, and leaves nothing behind", function()
      running.proc:signal(signal.SIGINT)
      assert.same({ "exited", 0 }, { running:wait() })
      local order = {}
      for word in running.text:gmatch "HOOK (%l+)" do
        if word ~= order[#order] then order[#order + 1] = word end    -- a reboot resets often
      end
      assert.same({ "started", "resume", "ready", "refused", "port", "reset", "stop", "shutdown",
                    "exit" }, order)
      assert.matches("lunik: the guest powered off\n$", running.text)
      nothing_left()
    end)
  end)

  describe("a guest on a terminal", function()
    local before
    setup(function()
      begin()
      start([[agent {}, console {}]], { terminal = true })
      before = termio.tcgetattr(running.slave)
    end)
    teardown(over)

    it("makes the terminal raw and shows the console on it", function()
      running:expect "lunik: the console is on this terminal; Ctrl%-%] stops the machine"
      running:expect "Linux version"
      assert.equal(0, termio.tcgetattr(running.slave).lflag & (termio.ICANON | termio.ISIG))
    end)

    it("hands the guest what is typed, Ctrl-C included", function()
      running:expect "lunik guest ready"
      running:expect "[#$] "
      running:send "echo $((6*7)) times\r"
      running:expect "42 times"
      running:expect "[#$] "
      running:send "given up\x03echo still $((1+1)) here\r"
      running:expect "%^C"
      running:expect "still 2 here"
    end)

    it("powers the guest off at the escape key, and gives the terminal back", function()
      running:send "\x1d"
      running:expect "lunik: Ctrl%-%]"
      running:expect "lunik: asking the guest to power off"
      assert.same({ "exited", 0 }, { running:wait() })
      assert.same(before, termio.tcgetattr(running.slave))
      nothing_left()
    end)
  end)

  describe("a machine that nobody waits for", function()
    before_each(begin)
    after_each(over)

    local NEVER = [[stop = { powerdown = 60, quit = 5, term = 5 }, ]]

    it("dies with a lunik that is killed, and the next start cleans up", function()
      start(([[mount { from = %q, to = "/work" }, console {}]]):format(share))
      running:expect "Linux version"
      running.proc:signal(signal.SIGKILL)
      running:wait()
      for _, pid in ipairs { running.text:match "fs%-work started %(pid (%d+)%)",
                             running.text:match "qemu%-system%S* started %(pid (%d+)%)" } do
        local proc = core.proc.open(math.tointeger(pid))
        if proc then assert.is_truthy(proc:wait(60)) end
      end
      running:close()
      start([[console {}, on("started", function(vm) error "far enough" end)]])
      assert.same({ "exited", 3 }, { running:wait() })
      assert.matches("hook started: .*far enough", running.text)
      nothing_left()
    end)

    it("climbs a rung for each further signal", function()
      start(NEVER .. [[console {}]])
      running:expect "Linux version"
      running.proc:signal(signal.SIGTERM)
      running:expect "lunik: asking the guest to power off"
      running.proc:signal(signal.SIGTERM)
      running:expect "lunik: telling QEMU to quit"
      assert.same({ "exited", 7 }, { running:wait() })
      nothing_left()
    end)

    it("is stopped when it is not ready in time and has no terminal", function()
      start [[stop = { powerdown = 1, quit = 5, term = 5 }, ready = "console: no such text",
              ready_within = 1, console {}]]
      assert.same({ "exited", 6 }, { running:wait() })
      assert.matches("not ready in time: console: 'no such text' not seen within 1 seconds",
                     running.text)
      nothing_left()
    end)

    it("is given up when it is interrupted while it starts", function()
      start [[console {}, on("started", function(vm) print "HOOK started" vm:sleep(600) end)]]
      running:expect "HOOK started"
      running.proc:signal(signal.SIGINT)
      assert.same({ "exited", 7 }, { running:wait() })
      assert.matches("lunik run: interrupted by SIGINT\n$", running.text)
      nothing_left()
    end)

    it("ends with what QEMU said when QEMU does not start", function()
      start [[raw { "-device", "nosuchdev" }]]
      assert.same({ "exited", 3 }, { running:wait() })
      assert.matches("lunik run:\r?\n  %S+:%d+: raw: QEMU: .*nosuchdev.*"
        .. "exited with status 1: .*nosuchdev", running.text)
      nothing_left()
    end)

    it("ends with status 7 when QEMU is killed from outside", function()
      start [[console {}]]
      local pid = running:expect "qemu%-system%S* started %(pid (%d+)%)"
      running:expect "Linux version"
      core.proc.open(math.tointeger(pid)):signal(signal.SIGKILL)
      assert.same({ "exited", 7 }, { running:wait() })
      assert.matches("lunik run: QEMU was killed by SIGKILL", running.text)
      nothing_left()
    end)

    it("gives the terminal back when signals end it, and when QEMU is gone", function()
      for _, whom in ipairs { "lunik", "qemu" } do
        start([[console {}]], { terminal = true })
        local before = termio.tcgetattr(running.slave)
        local pid = running:expect "qemu%-system%S* started %(pid (%d+)%)"
        running:expect "the console is on this terminal"
        assert.not_same(before, termio.tcgetattr(running.slave))
        if whom == "lunik" then
          running.proc:signal(signal.SIGTERM)
          running:expect "asking the guest to power off"
          running.proc:signal(signal.SIGTERM)
        else
          core.proc.open(math.tointeger(pid)):signal(signal.SIGKILL)
        end
        assert.same({ "exited", 7 }, { running:wait() })
        assert.same(before, termio.tcgetattr(running.slave))
        running:close()
        nothing_left()
      end
    end)

    it("leaves the terminal alone in the background, and is not stopped by it", function()
      local script = "set -m; lua5.4 spec/support/lunik.lua run '%s/vm.lua' & wait $!"
      start([[console {}]], {})
      running:close()
      local env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath, "PATH=" ..
                    os.getenv "PATH", "XDG_RUNTIME_DIR=" .. dir .. "/run",
                    "XDG_STATE_HOME=" .. dir .. "/state" }
      running = program.start({ "bash", "-c", script:format(dir) }, { terminal = true, env = env })
      running:expect "Linux version"
      assert.is_nil(running.text:find("Ctrl-]", 1, true))
      local pid = running.text:match "qemu%-system%S* started %(pid (%d+)%)"
      core.proc.open(math.tointeger(pid)):signal(signal.SIGTERM)
      assert.same({ "exited", 7 }, { running:wait() })
      nothing_left()
    end)
  end)

  describe("a guest with 9p", function()
    setup(function()
      begin()
      scratch.write(share .. "/from-host", "over 9p\n")
      start(([[
        agent {}, console {}, device { "pvpanic-pci" },
        mount { kind = "9p", from = %q, to = "/work" },
        on("ready", function(vm)
          print("HOOK read", vm:exec { "cat", "/work/from-host" })
          print("HOOK wrote", vm:exec { "sh", "-c", "echo back > /work/from-guest" })
          vm:exec { "sh", "-c", "modprobe pvpanic-pci; echo c > /proc/sysrq-trigger", seconds = 5 }
        end),
      ]]):format(share), { flavour = "generic/" })
    end)
    teardown(over)

    it("reads and writes the host's files", function()
      assert.equal("over 9p", running:expect("HOOK read\t0\t([^\n]+)\n", 120))
      running:expect "HOOK wrote\t0"
      assert.equal("back\n", scratch.read(share .. "/from-guest"))
    end)

    it("ends with status 5 when the guest panics", function()
      assert.same({ "exited", 5 }, { running:wait() })
      assert.matches("lunik run: the guest panicked", running.text)
      nothing_left()
    end)
  end)
end)

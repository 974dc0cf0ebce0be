-- When a machine is put away and taken up again by itself: by its unit, by a timer of its recipe.
local house = require "support.house"
local loop = require "lunik.async.loop"
local scratch = require "support.scratch"
local poll = require "posix.poll"
local signal = require "posix.signal"
local socket = require "posix.sys.socket"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

describe("a machine that is put away", function()
  local home
  setup(function() home = house.new() end)
  after_each(function() home:clear() end)
  teardown(function() home:close() end)

  local function guest(text) return (home:does("exec", "m", "--", "sh", "-c", text)) end

  -- Starts it as its unit does, once it is ready.
  local function start(recipe)
    local words = home:does("unit", recipe):match "ExecStart=\"[^\"]+\" (supervise [^\n]+)"
    local argv = {}
    for word in words:gmatch "%S+" do argv[#argv + 1] = word:match '^"(.*)"$' or word end
    local one = home:start({}, table.unpack(argv))
    local l = loop.new()
    local ends = l.now() + 240
    local up
    l:run(function()
      repeat
        up = one.proc:wait(0) or home:lunik("wait", "m", "--for", "ready", "--timeout", "200") == 0
        l:sleep(up and 0 or 0.2)
      until up or l.now() > ends
    end)
    l:close()
    assert.is_true(up == true, one.text)
    return one
  end

  local function log() return scratch.read(home.dir .. "/state/lunik/m/supervisor.log") end

  it("by its unit goes on at the next start, and is refused where its recipe says otherwise",
     function()
    stat.mkdir(home.dir .. "/work", 448)
    local recipe = home:small("m", [[on_host_shutdown = "save", ready_within = 400,
      agent {}, hotplug { ports = 4 },
      disk { file = "own.raw" }, mount { from = "work", to = "/work" } ]])
    scratch.write(home.dir .. "/own.raw", ("\0"):rep(1 << 20))
    local one = start(recipe)
    guest "echo nonce-4711 >/run/nonce"
    one.proc:signal(signal.SIGTERM)
    assert.same({ "exited", 0 }, { one:wait(120) })
    assert.truthy(home:does("ls"):find "\nm +saved ")
    one = start(recipe)
    assert.equal("nonce-4711\n", guest "echo x >/work/x; cat /run/nonce")
    one.proc:signal(signal.SIGTERM)
    one:wait(120)
    local text = scratch.read(recipe)
    scratch.write(recipe, (text:gsub("512M", "500M")))
    one = home:start({}, "supervise", "--recipe", recipe)
    assert.same({ "exited", 1 }, { one:wait() })
    assert.truthy(one.text:find("and cannot go on:\n.*memory: was 512M when it was saved, and is "
      .. "500M now"), one.text)
    scratch.write(recipe, text)
    start(recipe)
    assert.equal("nonce-4711\n", guest "cat /run/nonce")
    home:does("down", "--force", "m")
    assert.equal("", home:does "ls")
  end)

  it("by its unit is announced to systemd, though its guest was late", function()
    local path = home.dir .. "/notify"
    local fd = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM, 0)
    assert(socket.bind(fd, { family = socket.AF_UNIX, path = path }))
    local function told()
      assert.equal(1, (poll.rpoll(fd, 240000)))
      return socket.recv(fd, 1000)
    end
    table.insert(home.env, "NOTIFY_SOCKET=" .. path)
    local recipe = home:small("m", [[on_host_shutdown = "save", ready_within = 400, agent {},
      nic { id = "net" }]])
    local one = start(recipe)
    assert.equal("READY=1", told())
    -- an agent that is stopped until its guest's cable is pulled
    guest [[setsid sh -c 'kill -STOP $(pidof qemu-ga)
      until [ "$(cat /sys/class/net/eth0/carrier)" = 0 ]; do sleep 0.1; done
      kill -CONT $(pidof qemu-ga)' >/dev/null 2>&1 &]]
    one.proc:signal(signal.SIGTERM)
    assert.same({ "exited", 0 }, { one:wait(240) })
    assert.equal("STOPPING=1", told())
    scratch.write(recipe, (scratch.read(recipe):gsub("ready_within = 400", "ready_within = 1")))
    home:start({}, "supervise", "--recipe", recipe)
    assert.matches("^STATUS=not ready in time: .*\nEXTEND_TIMEOUT_USEC=600000000$", told())
    home:does("qmp", "m", "set_link", [[{ "name": "net", "up": false }]])
    assert.equal("STATUS=", told())
    assert.equal("READY=1", told())
    home:does("down", "--force", "m")
    table.remove(home.env)
    unistd.close(fd)
  end)

  it("has a unit that gives it the time, and that systemd understands", function()
    local text = home:does("unit", home:small("m", [[on_host_shutdown = "save"]]))
    assert.matches("\nKillMode=mixed\n.*\nTimeoutStopSec=700\n", text)
    if not os.execute "command -v systemd-analyze >/dev/null" then return end
    local path = scratch.write(home.dir .. "/lunik-m.service", text)
    local pipe <close> = io.popen("systemd-analyze --man=no verify " .. path .. " 2>&1")
    local said = pipe:read "a"
    assert.falsy(said:find("lunik-m.service", 1, true), said)
  end)

  it("by its unit stops where it cannot be saved, and says why", function()
    local one = start(home:small("m", [[on_host_shutdown = "save",
      ready_within = 400, agent {},
      qemu.object { "cryptodev-backend-builtin", id = "c" },
      qemu.device { "virtio-crypto-pci", cryptodev = "c" } ]]))
    one.proc:signal(signal.SIGTERM)
    assert.same({ "exited", 0 }, { one:wait(120) })
    assert.truthy(log():find "problem: it cannot be saved: .*virtio%-crypto", log())
    assert.truthy(log():find "the guest powered off", log())
    assert.falsy(stat.lstat(home.dir .. "/state/lunik/m/saved"))
  end)

  it("in the foreground is refused while nothing of it has been touched", function()
    stat.mkdir(home.dir .. "/work", 448)
    local one = home:start({}, "run", "--no-console", home:small("m", [[
      ready_within = 400, agent {},
      hotplug { ports = 4 }, mount { from = "work", to = "/work" } ]]))
    one:expect("ready after", 300)
    local status, _, why = home:lunik("save", "m", "m.saved")
    assert.same({ 1, "lunik save: what it was started from is not known: lunik up starts machines "
      .. "that can be saved\n" }, { status, why })
    assert.falsy(home:does("events", "m"):find "DEVICE_DELETED")
    guest "echo x >/work/x"
    one.proc:signal(signal.SIGTERM)
    assert.equal("exited", (one:wait(120)))
  end)

  it("by a timer of its recipe's is saved once its guest is idle", function()
    home:does("up", home:small("m", [[agent {}, every(0.3, function(vm)
      local status = vm:exec { "rm", "/run/idle" }
      if status == 0 then vm:save() end
    end)]]))
    guest "echo nonce-4711 >/run/nonce; echo >/run/idle"
    home:does("wait", "m", "--timeout", "200")
    assert.truthy(home:does("ls"):find "\nm +saved ")
    home:does("restore", "m")
    assert.equal("nonce-4711\n", guest "cat /run/nonce")
    home:does("down", "--force", "m")
  end)
end)

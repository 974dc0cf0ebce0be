-- Machines that live on their own as their users meet them, with a real guest: every verb, its
-- words and its --json. The specs share one boot, and follow each other.
local after = require "support.faults.after"
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("a machine that lives on its own", function()
  local home, recipe, share
  setup(function()
    home = house.new()
    share = home.dir .. "/share"
    stat.mkdir(share, 448)
    scratch.write(share .. "/from-host", "written by the host\n")
    recipe = home:small("dev", ([[
      nic { forward = { ssh = 22 } }, agent {}, console {},
      ssh { user = "root", key = guest .. "/id_ed25519" },
      mount { from = %q, to = "/work" },
      device { "VGA" }, device { "virtio-keyboard-pci" },
      on("ready", function(vm)
        print("HOOK ready " .. select(2, vm:exec { "cat", "/work/from-host" }))
      end),
      on("RESET", function(vm, event) print("HOOK reset " .. event.reason) end),
      on("stop", function(vm, reason) print "HOOK stop" end),
      on("exit", function(vm, how) print("HOOK exit " .. how.kind) end),
    ]]):format(share))
  end)
  teardown(function() home:close() end)

  local port

  it("is up when its guest is ready, and says how to reach it", function()
    local text, errors = home:does("up", recipe)
    assert.equal("", text)
    port = errors:match "dev: forward ssh: tcp 127%.0%.0%.1:(%d+) to port 22 of the guest\n"
    local pids = {}
    errors = errors:gsub("pid (%d+)", function(pid) pids[#pids + 1] = pid return "pid N" end)
      :gsub("ready after [%d.]+ s", "ready after N s"):gsub(port, "PORT")
      :gsub("%S+qemu%-system", "qemu-system")
    assert.equal([[
dev: helper fs-work started (pid N)
dev: qemu-system-x86_64 started (pid N)
dev: work is at /work in the guest
dev: ready after N s
dev: HOOK ready written by the host

dev: forward ssh: tcp 127.0.0.1:PORT to port 22 of the guest
dev: mount work: /work in the guest
dev: up
]], errors)
  end)

  it("is refused a second time, by name of its owner", function()
    local status, _, errors = home:lunik("up", recipe)
    assert.equal(3, status)
    assert.matches("^lunik up: machine 'dev' is already running, from %S+/dev.lua %(pid %d+ holds "
                   .. "%S+/lunik/dev/supervisor.lock%); its recipe has not changed since\n$",
                   errors)
  end)

  it("is listed", function()
    local text = home:does "ls":gsub("%d+s ", "Ns "):gsub("%d+M/", "NM/"):gsub(" +", " ")
    assert.equal(("NAME STATE UPTIME MEMORY FORWARDS RECIPE\n"
                  .. "dev ready Ns NM/512M ssh:%s->22 %s\n"):format(port, recipe), text)
    local list, status = home:json("ls", "--json").machines, home:json("status", "dev", "--json")
    status.lunik = nil
    for _, one in ipairs { list[1], status } do one.uptime, one.memory.resident = nil, nil end
    assert.same({ status }, list)
    assert.same({ "dev", "running", true, recipe },
                { status.name, status.state, status.ready, status.recipe })
  end)

  it("shows how it is", function()
    local text = home:does("status", "dev")
      :gsub("pid %d+", "pid N"):gsub("uptime      %w+", "uptime      N"):gsub("%d+M of", "NM of")
    assert.equal(([[
dev
  state       running
  ready       yes
  uptime      N
  cpus        2
  memory      NM of 512M in use
  forwards    ssh: tcp 127.0.0.1:%s to port 22 of the guest
  mounts      work at /work, mounted
  devices     net0 (nic), fixed
              agent (agent), fixed
              VGA (device), fixed
              virtio-keyboard-pci (device), fixed
  helpers     fs-work (pid N), alive
  qemu        pid N
  supervisor  pid N
  recipe      %s
  logs        %s/state/lunik/dev
]]):format(port, recipe, home.dir), text)
  end)

  it("has a status for programs", function()
    local status = home:json("status", "dev", "--json")
    local keys = {}
    for key in pairs(status) do keys[#keys + 1] = key end
    table.sort(keys)
    assert.equal("began cpus devices facts forwards guest helpers id logs lunik memory mounts "
                 .. "name qemu ready recipe state supervisor uptime version",
                 table.concat(keys, " "))
    assert.same({ { name = "ssh", protocol = "tcp", address = "127.0.0.1", guest = 22,
                    port = math.tointeger(port) } }, status.forwards)
    assert.same({ { tag = "work", from = share, to = "/work", type = "virtiofs", readonly = false,
                    state = "mounted", id = "fs-work", port = "boot0", hot = false } },
                status.mounts)
    assert.equal(512 << 20, status.memory.configured)
  end)

  it("is found by its recipe, too", function()
    assert.equal("dev", home:json("status", recipe, "--json").name)
    assert.equal("dev", home:json("status", "./dev.lua", "--json").name)
  end)

  it("runs programs in the guest, with their output and their status", function()
    assert.same({ 0, "lunik\n", "" }, { home:lunik("exec", "dev", "hostname") })
    assert.same({ 7, "out\n", "err\n" },
                { home:lunik("exec", "dev", "--", "sh", "-c", "echo out; echo err >&2; exit 7") })
    assert.same({ 137, "", "" }, { home:lunik("exec", "dev", "sh", "-c", "kill -9 $$") })
    local status, _, errors = home:lunik("exec", "dev", "no-such-program")
    assert.equal(127, status)
    assert.matches("no%-such%-program: not found", errors)
    status, _, errors = home:lunik("exec", "--timeout", "1s", "dev", "sleep", "60")
    assert.equal(125, status)
    assert.matches("^lunik exec: still running after 1 s: ended in the guest\n$", errors)
    assert.same({ lunik = 1, name = "dev", status = 3, out = "x\n", err = "", truncated = false },
                core.json.decode((select(2, home:lunik("exec", "--json", "dev", "sh", "-c",
                                                       "echo x; exit 3")))))
  end)

  it("is logged in to by ssh", function()
    -- the guest's sshd comes later than its agent
    local console = home:start({}, "logs", "-f", "-n", "1000", "--source", "serial", "dev")
    console:expect "lunik guest ready"
    console:close()
    assert.same({ 5, "root\n", "" }, { home:lunik("ssh", "dev", "whoami;", "exit 5") })
    local text = home:does("ssh-config", "dev")
    assert.matches("^Host dev\n  Port " .. port .. "\n  HostKeyAlias lunik%-dev\n", text)
    assert.matches("\n  User root\n  HostName 127.0.0.1\n$", text)
    assert.truthy(stat.stat(home.dir .. "/state/lunik/dev/known_hosts"))
  end)

  it("takes QMP commands, with words or JSON as arguments", function()
    -- QEMU 10 has no member singlestep any more
    assert.equal('{\n  "running": true,\n  "status": "running"\n}\n',
                 (home:does("qmp", "dev", "query-status"):gsub('  "singlestep": false,\n', "")))
    assert.equal("dev", home:json("qmp", "--json", "dev", "query-name")["return"].name)
    assert.equal('"q35"\n', home:does("qmp", "dev", "qom-get", "path=/machine", "property=type")
                 :gsub("pc%-q35[%w.-]*%-machine", "q35"))
    assert.equal('[]\n', home:does("qmp", "dev", "query-jobs", "{}"))
    local status, _, errors = home:lunik("qmp", "dev", "query-nothing")
    assert.same({ 1, "lunik qmp: The command query-nothing has not been found\n" },
                { status, errors })
    assert.equal(2, (home:lunik("qmp", "dev", "stop", "x")))
  end)

  it("pauses and goes on", function()
    home:does("pause", "dev")
    assert.equal("paused", home:json("status", "dev", "--json").state)
    home:does("resume", "dev")
    assert.equal("running", home:json("status", "dev", "--json").state)
  end)

  it("shows events, those that were and those that come", function()
    local text = home:does("events", "dev", "-e", "STOP", "-e", "RESUME")
    assert.matches("^%d%d:%d%d:%d%d.%d%d%d RESUME\n%S+ STOP\n%S+ RESUME\n$", text)
    local follow = home:start({}, "events", "-f", "--json", "dev", "-e", "STOP")
    follow:expect '"event":"STOP"'
    home:does("pause", "dev")
    home:does("resume", "dev")
    local line = follow:expect '({"event":"STOP".-})\n'
    assert.equal(1, core.json.decode(line).lunik)
    follow:close()
  end)

  it("adds, lists and removes forwards", function()
    assert.matches("^forward web: tcp 127.0.0.1:%d+ to port 8080 of the guest\n$",
                   (home:does("forward", "dev", "add", "8080", "--name", "web")))
    local told = home:json("forward", "--json", "dev")
    local list = told.forwards
    local function row(name, host, guest)
      return { name = name, protocol = "tcp", address = "127.0.0.1", port = host, guest = guest }
    end
    assert.same({ lunik = 1, name = "dev", forwards = { row("ssh", math.tointeger(port), 22),
                  row("web", list[2].port, 8080) } }, told)
    told = home:json("forward", "--json", "dev", "add", "82")
    assert.same({ lunik = 1, name = "dev", forwards = { row("82", told.forwards[1].port, 82) } },
                told)
    home:does("forward", "dev", "remove", "82")
    local status, _, errors = home:lunik("forward", "dev", "add", "9090", "--name", "web")
    assert.same({ 1, "lunik forward: the name 'web' is taken\n" }, { status, errors })
    status, _, errors = home:lunik("forward", "dev", "add", list[2].port .. ":81")
    assert.same({ 1, ("lunik forward: port %d of 127.0.0.1 is taken: machine 'dev' has it "
      .. "(pid %d)\n"):format(list[2].port, home:json("status", "dev", "--json").qemu.pid) },
      { status, errors })
    home:does("forward", "dev", "remove", "web")
    assert.same({ 1, "", "lunik forward: no forward named 'web'\n" },
                { home:lunik("forward", "dev", "remove", "web") })
    assert.equal(2, (home:lunik("forward", "dev", "add", "a:b")))
    assert.equal(1, #home:json("forward", "--json", "dev", "list").forwards)
  end)

  it("gives its console to several people at once", function()
    local one = home:start({ terminal = true }, "console", "dev")
    one:expect "lunik: console of dev; Ctrl%-%] detaches"
    local two = home:start({ terminal = true }, "console", "dev")
    two:expect "lunik: console of dev"
    one:send "\recho $((6*7)) times\r"
    one:expect "42 times"
    two:expect "42 times"
    two:send "\x1d"
    two:expect "lunik: detached"
    assert.same({ "exited", 0 }, { two:wait() })
    one:send "echo $((8*9)) more\r"
    one:expect "72 more"
    one.proc:signal(9)
    assert.equal("running", home:json("status", "dev", "--json").state)
  end)

  it("takes pictures of its screen, and keys", function()
    home:does("screenshot", "dev", "screen.ppm")
    assert.equal("P6", scratch.read(home.dir .. "/screen.ppm"):sub(1, 2))
    home:does("screenshot", "dev", "screen.png")
    assert.equal("\x89PNG", scratch.read(home.dir .. "/screen.png"):sub(1, 4))
    local reader = home:start({}, "exec", "dev", "sh", "-c",
      "cd /sys/class/input; "
        .. "keyboard=$(grep -l 'Virtio Keyboard' event*/device/name | cut -d/ -f1); "
        .. "echo listening >/dev/ttyS0; head -c 24 /dev/input/$keyboard | wc -c")
    local console = home:start({}, "console", "--no-input", "dev")
    console:expect "listening"
    home:does("sendkey", "dev", "ctrl-alt-x")
    reader:expect "24"
    console:close()
    local status, _, errors = home:lunik("sendkey", "dev", "no_such_key")
    assert.equal(1, status)
    assert.matches("no_such_key", errors)
    status, _, errors = home:lunik("screenshot", "dev", "screen.jpg")
    assert.same({ 2, "lunik screenshot: a file that ends in .png or .ppm expected, got "
                  .. "'screen.jpg'\n" }, { status, errors })
    assert.is_nil(stat.stat(home.dir .. "/screen.jpg"))
  end)

  it("types a text, or nothing of it", function()
    -- the codes of Linux (input-event-codes.h) for what was typed, shift first
    local codes = { 42, 35, 23, 57, 42, 2, 28 }
    local reader = home:start({}, "exec", "dev", "sh", "-c", ("cd /sys/class/input; "
        .. "keyboard=$(grep -l 'Virtio Keyboard' event*/device/name | cut -d/ -f1); "
        .. "exec 3</dev/input/$keyboard; echo hears text >/dev/ttyS0; "
        .. "head -c %d <&3 | od -An -v -t u2"):format(#codes * 2 * 48))
    local console = home:start({}, "console", "--no-input", "dev")
    console:expect "hears text"
    local refused = { home:lunik("sendkey", "dev", "--text", "Hi \u{fc}!") }
    assert.same({ 2, "", "lunik sendkey: --text: character 4, '\u{fc}', is on no key of a US "
                  .. "keyboard; nothing was typed\n" }, refused)
    home:does("sendkey", "dev", "--text", "Hi !\n")
    reader:wait()
    local words, pressed = {}, {}
    for word in reader.text:gmatch "%d+" do words[#words + 1] = math.tointeger(word) end
    for i = 9, #words, 12 do     -- of an event of 24 bytes: its kind, the key, down or up
      if words[i] == 1 and words[i + 2] == 1 then pressed[#pressed + 1] = words[i + 1] end
    end
    assert.same(codes, pressed)
    console:close()
  end)

  it("is sent no keys that nobody would hear", function()
    home:does("pause", "dev")
    for _, more in ipairs { { "ctrl-c" }, { "--text", "x" } } do
      assert.same({ 1, "", "lunik sendkey: the machine is paused, and no key would be heard: "
                    .. "lunik resume dev\n" }, { home:lunik("sendkey", "dev",
                                                             table.unpack(more)) })
    end
    home:does("resume", "dev")
    for _, more in ipairs { {}, { "ret", "--text", "x" } } do
      assert.same({ 2, "", "lunik sendkey: KEYS or --text TEXT expected, one of them, and before "
                    .. "it the machine: lunik sendkey dev ctrl-alt-delete\n" },
                  { home:lunik("sendkey", "dev", table.unpack(more)) })
    end
  end)

  it("interrupts its guest", function()
    home:does("nmi", "dev")
    home:does("exec", "dev", "sh", "-c", "for i in 1 2 3 4 5 6 7 8 9; do "
      .. "dmesg | grep -q 'NMI received' && exit 0; usleep 200000; done; exit 1")
  end)

  it("shows its logs", function()
    local text = home:does("logs", "dev", "--source", "supervisor")
    assert.matches("%d+%-%d+%-%d+ %d+:%d+:%d+ HOOK ready written by the host\n", text)
    assert.matches("^==> supervisor <==\n", (home:does("logs", "dev")))
    local follow = home:start({}, "logs", "-f", "-n", "0", "--source", "serial", "dev")
    home:does("exec", "dev", "sh", "-c", "echo one more line >/dev/ttyS0")
    home:does("exec", "dev", "sh", "-c", "echo and another >/dev/ttyS0")
    follow:expect "and another"
    follow:close()
    local line = home:does("logs", "dev", "--json", "-n", "1", "--source", "qemu")
    assert.is_true(line == "" or core.json.decode(line).source == "qemu")
  end)

  it("outlives its supervisor, and is taken over with its hooks", function()
    local pid = home:json("status", "dev", "--json").supervisor.pid
    local supervisor = core.proc.open(pid)
    supervisor:signal(9)
    supervisor:wait(60)
    assert.equal("unsupervised", home:json("ls", "--json").machines[1].state)
    assert.same({ 1, "lunik exec: machine 'dev' has no supervisor: lunik adopt dev\n" },
                { 1, select(3, home:lunik("exec", "dev", "true")) })
    local _, errors = home:does("adopt", "dev")
    assert.matches("dev: up\n$", errors)
    local status = home:json("status", "dev", "--json")
    assert.same({ true, true, "mounted", math.tointeger(port) },
                { status.supervisor.adopted, status.ready, status.mounts[1].state,
                  status.forwards[1].port })
    assert.equal("written by the host\n", (home:does("exec", "dev", "cat", "/work/from-host")))
    assert.same({ 1, "lunik adopt: machine 'dev' has a supervisor\n" },
                { 1, select(3, home:lunik("adopt", "dev")) })
  end)

  it("is reset, hears of it, and mounts again", function()
    local events = home:start({}, "events", "-f", "dev")
    events:expect "LUNIK"
    home:does("reset", "dev")
    events:expect "RESET.-host%-qmp%-system%-reset"
    events:expect "HOOK reset host%-qmp%-system%-reset"
    events:expect "work is at /work in the guest"
    events:close()
  end)

  it("waits, not for ever", function()
    assert.same({ lunik = 1, name = "dev", ready = true },
                home:json("wait", "dev", "--for", "ready", "--json"))
    local text = select(2, home:lunik("wait", "dev", "--timeout", "0.1s", "--json"))
    assert.same({ lunik = 1, name = "dev", ended = core.json.null, why = "timed out" },
                core.json.decode(text))
    local status, _, errors = home:lunik("wait", "dev", "--timeout", "1s")
    assert.same({ 6, "lunik wait: machine 'dev': still running\n" }, { status, errors })
  end)

  it("says by which road it asks where the guest's agent forbids it", function()
    home:does("ssh", "dev", "kill $(pidof qemu-ga); while pidof qemu-ga; do :; done; "
      .. "qemu-ga -d -m virtio-serial -p /dev/virtio-ports/org.qemu.guest_agent.0 -t /run "
      .. "-f /run/other.pid -b guest-exec")
    -- its port may be closed still
    local out, errors = home:does("exec", "dev", "hostname")
    assert.equal("lunik\n", out)
    assert.matches("^dev: .*agent.*: by ssh\n$", errors)
  end)

  it("starts again by its name alone", function()
    local _, errors = home:does("restart", "dev")
    assert.matches("dev: the guest powered off\n.*dev: up\n$", errors)
    assert.matches("HOOK stop\n.*HOOK exit poweroff\n",
                   (home:does("logs", "dev", "--source", "supervisor", "-n", "100")))
  end)

  it("is down by its power button, and tells who waits", function()
    local waiting = home:start({}, "wait", "dev", "--json")
    local watching = home:start({}, "events", "-f", "dev")
    watching:expect "LUNIK_READY"
    home:does("powerdown", "dev")
    local line = waiting:expect "({.-})\n"
    assert.same({ lunik = 1, name = "dev", ended = { kind = "poweroff", code = 0, status = 0,
                  text = "the guest powered off", lines = {} } }, core.json.decode(line))
    watching:expect "LUNIK_ENDED"
    assert.same({ "exited", 0 }, { waiting:wait() })
    assert.same({ "exited", 0 }, { watching:wait() })
  end)

  it("leaves nothing behind but what is asked for afterwards", function()
    after.gone(home)
    assert.same({}, home:runtime())
    assert.equal("", (home:does "ls"))
    assert.equal("poweroff", home:json("status", "dev", "--json").ended.kind)
    assert.matches("dev  +down", (home:does("ls", "-a")))
    local status, _, errors = home:lunik("down", "dev")
    assert.same({ 1, "lunik down: machine 'dev' is not running\n" }, { status, errors })
  end)

  it("is down as told, in time or not", function()
    home:does("up", "dev")
    local _, errors = home:does("down", "dev")
    assert.equal("dev: HOOK stop\ndev: asking the guest to power off\ndev: HOOK exit poweroff\n"
                 .. "dev: the guest powered off\n", errors)
    home:does("up", "dev")
    _, errors = home:does("down", "dev", "--force")
    assert.matches("telling QEMU to quit", errors)
    after.gone(home)
  end)

  it("that is not ready in time says what was waited for, and the console's last lines", function()
    local late = home:small("late",
      "ready = 'console: no such words', ready_within = 4, console {},")
    local status, _, errors = home:lunik("up", late)
    assert.equal(6, status)
    local shown = errors:match("lunik up:\n  not ready in time: console: 'no such words' not seen "
      .. "within 4 seconds\n  the console's last lines were:\n(.*)"
      .. "  the machine runs on: lunik console late, lunik down late\n$")
    assert(shown, errors)
    -- how far the guest has come by then is its own affair
    local said = scratch.read(home.dir .. "/state/lunik/late/console.log")
    local line = shown:match "^ *([^\n]+)\n"
    assert.truthy(said:find(line, 1, true), shown)
    home:does("down", "--force", "late")
    after.nothing(home, "%w+")
  end)

  it("prints its unit for systemd", function()
    local text = home:does("unit", "dev")
    assert.matches("ExecStart=\"[^\"]+/lunik\" supervise %-%-recipe \"" .. recipe .. "\"\n", text)
    assert.matches("Type=notify\n.*KillMode=mixed\n.*TimeoutStopSec=100\n", text)
  end)

  it("is not known by another name", function()
    local status, _, errors = home:lunik("status", "dve")
    assert.same({ 1, "lunik status: no machine 'dve'; did you mean 'dev'?\n" }, { status, errors })
  end)
end)

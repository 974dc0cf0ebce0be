-- Programs in a real guest, by its agent and by ssh: nothing that they print is lost with success,
-- and an agent that is blocked, dead, silent or not there is in nobody's way. The specs of a
-- machine share one boot, and follow each other.
local after = require "support.faults.after"
local core = require "lunik.core"
local fcntl = require "posix.fcntl"
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local unistd = require "posix.unistd"

local PORT = "/dev/virtio-ports/org.qemu.guest_agent.0"
local AGENT = "qemu-ga -d -m virtio-serial -p " .. PORT .. " -t /run -f /run/other.pid "
local GONE = "kill -9 $(pidof qemu-ga); while pidof qemu-ga >/dev/null; do :; done; "
local SSH = 'nic {}, ssh { key = guest .. "/id_ed25519" }, hotplug { ports = 2 },'
local BLOCKED = "the agent may not run commands (guest-exec is disabled): by ssh"
local CLOSED = "no agent has opened its port: by ssh"
local SILENT = "the agent does not answer: by ssh"

local ODD = "x\xffy\n"

describe("a program in the guest", function()
  local home, folder

  local function up(name, items)
    home = house.new()
    folder = home.dir .. "/share"
    stat.mkdir(folder, 448)
    home:does("up", home:small(name, items))
  end

  local function shell(name, script, ...)
    return { home:lunik("exec", name, "--", "sh", "-c", script, "sh", ...) }
  end

  -- What is still there of programs that sleep that long, in the guest.
  local function sleeping(name, seconds)
    return shell(name, ([[for p in /proc/[0-9]*; do tr '\0' ' ' <$p/cmdline; echo; done |
      grep -x 'sleep %d ']]):format(seconds))[2]
  end

  -- lunik exec with a file for standard input, or another one for its output: its exit code,
  -- what it printed.
  local function with(fds, ...)
    local text, how, status = run.output { argv = { house.program, "exec", ... }, env = home.env,
                                           cwd = home.dir, fds = fds }
    assert.equal("exited", how)
    return status, text
  end

  local function input_of(size)
    local path = scratch.write(home.dir .. "/input", ("0123456789abcde\n"):rep(size // 16))
    return fcntl.open(path, fcntl.O_RDONLY), ("%d\n"):format(size)
  end

  -- The same for each road: `note` is what is said of it; nothing, where output comes as a stream.
  local function cases(name, note)
    local over = note and ", pid N in the guest" or " in the guest"
    local said = note and name .. ": " .. note .. "\n" or ""

    it("has its status and both outputs", function()
      assert.same({ 7, "out\n", "err\n" .. said }, shell(name, "echo out; echo err >&2; exit 7"))
      local text = select(2, home:lunik("exec", "--json", name, "sh", "-c", "echo x; exit 3"))
      assert.same({ lunik = 1, name = name, status = 3, out = "x\n", err = "", truncated = false,
                    note = note }, core.json.decode(text))
      assert.equal(127, (home:lunik("exec", name, "no-such-program")))
    end)

    it("has arguments of any bytes", function()
      assert.same({ 0, "<" .. ODD .. "><a\\n\\><\n>", said },
                  { home:lunik("exec", name, "printf", "<%s>", ODD, "a\\n\\", "\n") })
      assert.equal(127, (home:lunik("exec", name, "no\xffsuch")))
    end)

    it("is ended with all that it has started when its time is over, and shown", function()
      local code, out, err = table.unpack { home:lunik("exec", "--timeout", "1s", name, "--", "sh",
        "-c", "echo early; echo bad >&2; (sleep 4321 &) ; sleep 1234; echo late") }
      assert.same({ 125, "early\n" }, { code, out })
      assert.equal("bad\n" .. said .. "lunik exec: still running after 1 s: ended" .. over .. "\n",
                   (err:gsub("pid %d+", "pid N")))
      assert.equal("", sleeping(name, 4321) .. sleeping(name, 1234))
      local text = select(2, home:lunik("exec", "--timeout", "1s", "--json", name, "sh", "-c",
                                        "echo early; exec sleep 1234"))
      local object = core.json.decode(text)
      assert.same({ "early\n", note and 9 or 15, note },
                  { object.out, object.signal, object.note })
      assert.equal("still running after 1 s: ended" .. over, (object.late:gsub("%d+ in", "N in")))
    end)

    it("prints more than is kept, and all of it is shown", function()
      local code, out, err = table.unpack(shell(name, "head -c 17000000 /dev/zero; echo end >&2"))
      assert.same({ 0, 17000000, "end\n" .. said }, { code, #out, err })
    end)

    it("is spoken to while it runs", function()
      local theirs, ours = unistd.pipe()
      local one = home:start({ input = theirs }, "exec", "-i", name, "--", "sh", "-c",
                             "while read -r x; do echo \"<$x>\"; done; echo over >&2; exit 6")
      for _, word in ipairs { "a", "b" } do
        unistd.write(ours, word .. "\n")
        one:expect("<" .. word .. ">")
      end
      unistd.close(ours)
      one:expect "over"
      assert.same({ "exited", 6 }, { one:wait(60) })
      unistd.close(theirs)
    end)

    it("has not succeeded where more is printed than is kept", function()
      local text = select(2, home:lunik("exec", "--json", name, "--", "sh", "-c",
                                        "head -c 17000000 /dev/zero | tr '\\0' x"))
      local object = core.json.decode(text)
      assert.same({ 0, 16 << 20, true }, { object.status, #object.out, object.truncated })
    end)

    it("has not succeeded where its output cannot be written", function()
      for _, script in ipairs { "echo x", "head -c 200000 /dev/zero", "echo x; exit 3" } do
        local full = fcntl.open("/dev/full", fcntl.O_WRONLY)
        local child = core.proc.spawn { argv = { house.program, "exec", name, "sh", "-c", script },
          env = home.env, cwd = home.dir, fds = { [1] = full } }
        unistd.close(full)
        assert.same({ "exited", 125 }, { child:wait(60) })
      end
    end)

    it("reads more than a command of the socket carries", function()
      local fd, count = input_of(13 << 20)
      assert.same({ 0, count }, { with({ [0] = fd }, "-i", name, "wc", "-c") })
      unistd.close(fd)
      fd = input_of(160)
      assert.same({ 0, ("0123456789abcde\n"):rep(10) }, { with({ [0] = fd }, "-i", name, "cat") })
      unistd.close(fd)
    end)
  end

  -- A mount that comes, works and goes.
  local function mounts(name, note)
    it("is not the only thing that takes that road: a mount comes and goes by it", function()
      local said = name .. ": " .. note .. "\n"
      assert.same({ ("share: %s is at /mnt/share in the guest\n"):format(folder), said },
                  { home:does("mount", name, folder) })
      home:does("exec", name, "sh", "-c", "echo by ssh >/mnt/share/made")
      assert.equal("by ssh\n", scratch.read(folder .. "/made"))
      assert.equal(note, home:json("mounts", name, "--json").mounts[1].note)
      home:does("unmount", name, "share")
      assert.equal("", shell(name, "grep ^share /proc/mounts")[2])
      local text, errors = home:does("mount", name, folder, "--json")
      assert.equal("mounted", core.json.decode(text).mount.state)
      assert.equal(said, errors)
      home:does("unmount", name, "share")
      assert.same({ answers = true, by = "ssh", note = note },
                  home:json("status", name, "--json").guest)
      assert.matches("\n  guest +" .. note:gsub("%p", "%%%0") .. "\n", (home:does("status", name)))
    end)
  end

  describe("of a machine with an agent and ssh", function()
    setup(function() up("dev", "agent {}, console {}," .. SSH) end)
    teardown(function() home:close() end)

    local port

    local function ssh(script) home:does("ssh", "dev", script) end

    -- Another agent in the place of the one that runs. QEMU leaves out what a moment later is
    -- different: the port may never have been closed.
    local function restart_agent(options)
      ssh(GONE .. AGENT .. (options or ""))
      port:expect "true"
    end

    it("is run by the agent, and nothing is said of it", function()
      -- the guest's sshd comes later than its agent
      local console = home:start({}, "logs", "-f", "-n", "1000", "--source", "serial", "dev")
      console:expect "lunik guest ready"
      console:close()
      port = home:start({}, "events", "-f", "-e", "VSERPORT_CHANGE", "dev")
      port:expect "true"
      assert.same({ 0, "lunik\n", "" }, { home:lunik("exec", "dev", "hostname") })
      assert.equal("agent", home:json("status", "dev", "--json").guest.by)
    end)

    cases("dev")

    it("has ended when it has, whoever it leaves its output to", function()
      assert.same({ 3, "early\n", "" }, { home:lunik("exec", "--timeout", "20s", "dev", "--", "sh",
        "-c", "echo early; sleep 777 & exit 3") })
      home:does("exec", "dev", "--", "sh", "-c", "kill $(pidof sleep)")
    end)

    it("is not run where its input cannot be read", function()
      local fd = fcntl.open("/", fcntl.O_RDONLY)
      assert.same({ 125, "" }, { with({ [0] = fd }, "-i", "dev", "echo", "ran") })
      unistd.close(fd)
      fd = fcntl.open("/dev/null", fcntl.O_RDONLY)
      assert.same({ 0, "0\n" }, { with({ [0] = fd }, "-i", "dev", "wc", "-c") })
      unistd.close(fd)
    end)

    it("takes more input than an agent does", function()
      local fd, count = input_of(48 << 20)
      assert.same({ 0, count }, { with({ [0] = fd }, "-i", "dev", "wc", "-c") })
      unistd.close(fd)
    end)

    describe("whose agent may not run programs", function()
      setup(function() restart_agent "-b guest-exec" end)
      cases("dev", BLOCKED)
      mounts("dev", BLOCKED)
    end)

    describe("whose agent may start programs, and not say what they came to", function()
      setup(function() restart_agent "-b guest-exec-status" end)
      it("is run once, by ssh", function()
        local note = "the agent may not run commands (guest-exec-status is disabled): by ssh"
        assert.same({ 0, "", "dev: " .. note .. "\n" }, shell("dev", "echo once >>/run/runs"))
        assert.equal("once\n", shell("dev", "cat /run/runs")[2])
      end)
    end)

    describe("whose agent hangs", function()
      setup(function()
        restart_agent()
        assert.equal(0, (home:lunik("exec", "dev", "true")))
        ssh "kill -STOP $(pidof qemu-ga)"
      end)
      it("is run by ssh, and never by both", function()
        assert.same({ 0, "", "dev: " .. SILENT .. "\n" }, shell("dev", "echo once >/run/runs"))
        ssh "kill -CONT $(pidof qemu-ga)"
        assert.equal("once\n", shell("dev", "cat /run/runs")[2])
        ssh "kill -STOP $(pidof qemu-ga)"
      end)
      mounts("dev", SILENT)
    end)

    describe("whose agent is dead", function()
      setup(function()
        ssh(GONE)
        port:expect "false"
      end)
      mounts("dev", CLOSED)
    end)

    it("has no say in how the machine goes down, whose agent hangs", function()
      restart_agent()
      assert.equal(0, (home:lunik("exec", "dev", "true")))
      ssh "kill -STOP $(pidof qemu-ga)"
      assert.same({ "", "dev: asking the guest to power off\ndev: the guest powered off\n" },
                  { home:does("down", "dev") })
      after.gone(home)
    end)
  end)

  describe("of a machine whose agent never comes", function()
    setup(function()
      home = house.new()
      folder = home.dir .. "/share"
      stat.mkdir(folder, 448)
      stat.mkdir(home.dir .. "/boot", 448)
    end)
    teardown(function() home:close() end)

    it("is ready by ssh with its mounts, and again after a reset", function()
      local _, errors = home:does("up", home:small("none", ([[
        agent { channel = "nobody.opens.this" }, mount { from = %q, to = "/boot" },]]
        .. SSH):format(home.dir .. "/boot")))
      assert.matches("none: no agent has opened its port: by ssh\nnone: boot is at /boot in the "
                     .. "guest\nnone: ready", errors)
      local events = home:start({}, "events", "-f", "none")
      events:expect "LUNIK"
      home:does("reset", "none")
      events:expect "boot is at /boot in the guest"
      events:close()
      home:does("wait", "none", "--for", "ready")
      assert.is_true(home:json("status", "none", "--json").ready)
    end)

    mounts("none", CLOSED)
  end)

  describe("of a machine that lets nobody in", function()
    local began

    setup(function()
      home = house.new()
      began = table.pack(home:lunik("up", home:small("shut",
        'nic {}, ssh { user = "stranger", key = guest .. "/id_ed25519" },')))
    end)
    teardown(function() home:close() end)

    it("is not waited for to the end of the time, and what to do about it is said", function()
      assert.equal(6, began[1])
      assert.matches("ssh: stranger@127.0.0.1: Permission denied %(publickey%): the guest takes no "
        .. "login of stranger by the key .*/id_ed25519: its public half belongs into "
        .. "~/.ssh/authorized_keys there", began[3])
    end)

    it("is not run, and that is no status of its own", function()
      local code, out, err = home:lunik("exec", "shut", "true")
      assert.same({ 125, "" }, { code, out })
      assert.matches("^lunik exec: ssh: .*Permission denied", err)
    end)
  end)

  describe("of a machine with an agent alone, which may not run programs", function()
    setup(function()
      up("bare", "agent {}, hotplug { ports = 2 },")
      -- what it starts is to outlive it
      shell("bare", "(sleep 1; " .. GONE .. AGENT .. "-b guest-exec) </dev/null >/dev/null 2>&1 &")
      local events = home:start({}, "events", "-f", "bare")
      events:expect "VSERPORT_CHANGE.-false"
      events:expect "VSERPORT_CHANGE.-true"
      events:close()
    end)
    teardown(function() home:close() end)

    it("is refused, with the word that gives another road", function()
      local why = "agent: guest%-exec: not allowed by the guest's agent %(.*disabled.*%); "
                  .. "ssh {} in the recipe gives another road"
      local code, out, err = home:lunik("exec", "bare", "true")
      assert.same({ 126, "" }, { code, out })
      assert.matches("^lunik exec: " .. why .. "\n$", err)
      assert.matches("^lunik mount: share: at /mnt/share in the guest: " .. why .. "\n$",
                     (select(3, home:lunik("mount", "bare", folder))))
    end)
  end)
end)

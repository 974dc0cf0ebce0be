-- Directories of the host that come and go while a real guest runs, as their users meet them. The
-- specs share one boot, and follow each other.
local after = require "support.faults.after"
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"
local time = require "posix.time"
local unistd = require "posix.unistd"

local PORTS = 16

describe("mounts while the machine runs", function()
  local home
  local function write(path, text)
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
  end

  local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read "a"
    file:close()
    return text
  end

  local function folder(name)
    local path = home.dir .. "/" .. name
    stat.mkdir(path, 448)
    write(path .. "/from-host", name .. "\n")
    return path
  end

  setup(function()
    home = house.new()
    home:does("up", home:small("dev", ([[agent {},
      mount { from = %q, to = "/boot0", on_death = "remount" },
      mount { from = %q, to = "/boot1", readonly = true }, hotplug { ports = %d }]])
      :format(folder "boot0", folder "boot1", PORTS)))
  end)
  teardown(function() home:close() end)

  -- A script of the guest's shell: its output.
  local function guest(script, ...)
    return (home:does("exec", "dev", "--", "sh", "-c", script, "sh", ...))
  end

  local function mounts()
    local by_tag = {}
    for _, one in ipairs(home:json("mounts", "dev", "--json").mounts) do by_tag[one.tag] = one end
    return by_tag
  end

  local function free_ports()
    local free = 0
    for _, port in ipairs(home:json("slots", "dev", "--json").slots) do
      if port.state == "free" then free = free + 1 end
    end
    return free
  end

  local function daemons()
    local count = 0
    for _, each in ipairs(home:processes()) do
      -- the C daemon is two processes, the second one its child
      if each:find "virtiofsd" then count = count + 1 end
    end
    return count
  end

  -- The guest sees what the host wrote, and the other way round.
  local function both_ways(path, to)
    local name = path:match "[^/]+$"
    assert.equal(name .. "\n", guest('cat "$1/from-host"', to))
    guest('echo "guest at $1" > "$1/from-guest"', to)
    assert.equal("guest at " .. to .. "\n", read(path .. "/from-guest"))
  end

  local before

  it("has those of its start, in ports of their own", function()
    before = daemons()
    local all = mounts()
    assert.same({ "boot0", "boot1" }, { all.boot0.port, all.boot1.port })
    both_ways(home.dir .. "/boot0", "/boot0")
    assert.equal(PORTS, free_ports())
  end)

  it("of its start come back when their daemon has died, if they are to", function()
    local events = home:start({}, "events", "-f", "dev")
    core.proc.open(home:json("status", "dev", "--json").helpers[1].pid):signal(9)
    events:expect("boot0 is mounted again", 60)
    events:close()
    assert.equal("/boot0", mounts().boot0.to)
    both_ways(home.dir .. "/boot0", "/boot0")
    home:does("unmount", "dev", "boot0")
    home:does("mount", "dev", home.dir .. "/boot0", "--to", "/boot0", "--port", "boot0")
  end)

  it("come as many as there are ports, all at once", function()
    local running = {}
    for i = 1, PORTS do
      running[i] = home:start({}, "mount", "dev", folder("ws-" .. i), "--to", "/ws/" .. i,
                              "--tag", "ws-" .. i)
    end
    for i, one in ipairs(running) do
      one:expect(("ws%%-%d: %s/ws%%-%d is at /ws/%d in the guest"):format(i, home.dir, i, i), 60)
      one:wait(60)
    end
    assert.equal(0, free_ports())
    for i = 1, PORTS do both_ways(("%s/ws-%d"):format(home.dir, i), "/ws/" .. i) end
  end)

  it("are refused when no port is left, with the names of those who have them", function()
    local status, _, errors = home:lunik("mount", "dev", folder "one-more")
    assert.equal(1, status)
    local names = {}
    for _, port in ipairs(home:json("slots", "dev", "--json").slots) do
      if not port.boot then names[#names + 1] = port.label .. " (mount)" end
    end
    assert.equal(("lunik mount: 16 of 16 ports in use: %s; set hotplug.ports = 24 and "
                  .. "restart\n"):format(table.concat(names, ", ")), errors)
    assert.equal(before // 2 * 18, daemons())
  end)

  it("go, and leave nothing behind", function()
    local running = {}
    for i = 1, PORTS do running[i] = home:start({}, "unmount", "dev", "ws-" .. i) end
    for _, one in ipairs(running) do one:wait(60) end
    assert.equal(PORTS, free_ports())
    assert.equal(before, daemons())
    assert.equal("", guest "ls -A /ws/1 /ws/16 | grep from || true")
    assert.equal("2\n", guest "grep -c virtiofs /proc/self/mountinfo")
  end)

  it("use every port again", function()
    for i = 1, PORTS do
      home:does("mount", "dev", home.dir .. "/ws-" .. i, "--to", "/again/" .. i, "--tag",
                "again" .. i, "--port", "hotplug" .. i - 1)
    end
    for i = 1, PORTS do both_ways(("%s/ws-%d"):format(home.dir, i), "/again/" .. i) end
    for i = 1, PORTS do home:does("unmount", "dev", "/again/" .. i) end
    assert.equal(PORTS, free_ports())
  end)

  it("converge on what is wanted", function()
    local function converge(...)
      local wanted = core.json.array {}
      for i, each in ipairs { ... } do
        wanted[i] = { from = home.dir .. "/" .. each[1], to = each[2], readonly = each[3] }
      end
      home:does("qmp", "dev", "lunik-mounts", core.json.encode { wanted = wanted })
    end
    local function is(expected)
      local list = {}
      for _, one in ipairs(home:json("mounts", "dev", "--json").mounts) do
        list[#list + 1] = ("%s %s%s"):format(one.from:match "[^/]+$", one.to,
                                             one.readonly and " ro" or "")
      end
      table.sort(list)
      assert.same(expected, list)
    end
    converge({ "boot0", "/boot0" }, { "ws-1", "/w1" }, { "ws-2", "/w2" })
    is { "boot0 /boot0", "ws-1 /w1", "ws-2 /w2" }
    local port = mounts()["w1"].port
    converge({ "boot0", "/boot0" }, { "ws-1", "/w1" }, { "ws-2", "/w2", true }, { "ws-3", "/w3" })
    is { "boot0 /boot0", "ws-1 /w1", "ws-2 /w2 ro", "ws-3 /w3" }
    assert.equal(port, mounts()["w1"].port)
    converge { "boot1", "/boot1", true }
    is { "boot1 /boot1 ro" }
  end)

  it("are refused while a program of the guest uses them, by its name, until they are forced",
    function()
      home:does("mount", "dev", home.dir .. "/ws-1", "--to", "/busy", "--tag", "busy")
      local pid = guest "sleep 1000 < /busy/from-host > /dev/null 2>&1 & echo $!":match "%d+"
      local status, _, errors = home:lunik("unmount", "dev", "busy")
      assert.equal(1, status)
      assert.equal(("lunik unmount: busy: umount: can't unmount /busy: Device or resource busy; in "
        .. "the guest sleep (pid %s) has /busy/from-host open; --force unmounts it all the same\n")
        :format(pid), errors)
      both_ways(home.dir .. "/ws-1", "/busy")
      home:does("unmount", "dev", "--force", "busy")
      assert.is_nil(mounts().busy)
      assert.equal("", guest "grep /busy /proc/self/mountinfo || true")
      guest("kill $1", pid)
    end)

  it("are read-only when they are to be, whatever the guest's root tries", function()
    local path = folder "locked"
    stat.mkdir(path .. "/sub", 448)
    home:does("mount", "dev", path, "--to", "/locked", "--readonly")
    assert.equal("locked\n", guest "cat /locked/from-host")
    local said = guest [[
      for try in 'echo x > /locked/new' 'rm /locked/from-host' 'chmod 777 /locked/sub' \
                 'mount -o remount,rw /locked' 'echo x > /locked/new' 'mkdir /locked/sub/x' \
                 'ln /locked/from-host /locked/other' 'truncate -s 0 /locked/from-host'; do
        sh -c "$try" 2>/dev/null && echo "did: $try"
      done; true]]
    assert.equal("did: mount -o remount,rw /locked\n", said)
    assert.same({ "from-host", "sub" }, scratch.list(path))
    home:does("unmount", "dev", "locked")
  end)

  it("are there again after the guest has been reset", function()
    for i = 1, 4 do
      home:does("mount", "dev", home.dir .. "/ws-" .. i, "--to", "/four/" .. i, "--tag", "f" .. i)
    end
    local events = home:start({}, "events", "-f", "dev")
    home:does("reset", "dev")
    for i = 1, 4 do events:expect("f" .. i .. " is at /four/" .. i .. " in the guest", 60) end
    events:close()
    for i = 1, 4 do both_ways(home.dir .. "/ws-" .. i, "/four/" .. i) end
    assert.equal("mounted", mounts().f4.state)
    for i = 1, 4 do home:does("unmount", "dev", "f" .. i) end
    assert.equal(PORTS + 1, free_ports())
  end)

  local ODD = { "with space", "a,b=c,,d", "new\nline", "tab\there", "quote'\"$`\\", "-o ro",
                "#*?[x]", "\xff\xfe\x80", "\xc3\xa4\xe2\x82\xac", "export" }

  it("may have any name", function()
    for i, name in ipairs(ODD) do
      local path = home.dir .. "/" .. name
      stat.mkdir(path, 448)
      write(path .. "/f", "in " .. i)
      home:does("mount", "dev", path, "--to", "/odd/" .. name, "--tag", "odd" .. i)
      -- names of any bytes reach the guest in octal
      local octal = name:gsub(".", function(c) return ("\\0%03o"):format(c:byte()) end)
      assert.equal("in " .. i, guest("cat \"/odd/$(printf %b '" .. octal .. "')/f\""), name)
    end
    local said = home:does("mounts", "dev")
    assert.is_nil(said:gsub("\n", ""):find "%c")
    assert.is_truthy(utf8.len(said))
    for i in ipairs(ODD) do home:does("unmount", "dev", "odd" .. i) end
  end)

  it("are unmounted by whatever `lunik mounts` prints of them, and by relative paths", function()
    local path = folder "named"
    unistd.link("named", home.dir .. "/link", true)
    local odd = home.dir .. "/odd\tone"
    stat.mkdir(odd, 448)
    local function comes_and_goes(from, word)
      home:does("mount", "dev", from, "--to", "/named", "--tag", "named-1")
      home:does("unmount", "dev", word)
      assert.is_nil(mounts()["named-1"], word)
    end
    home:does("mount", "dev", path, "--to", "/named", "--tag", "named-1")
    local line = home:does("mounts", "dev"):match "named%-1[^\n]+"
    home:does("unmount", "dev", "named-1")
    local words = { "named", "./named/", "link", path .. "/", "/named/" }
    for word in line:gmatch "%S+" do words[#words + 1] = word end
    for _, word in ipairs(words) do
      if word ~= "mounted" then comes_and_goes(path, word) end
    end
    comes_and_goes(odd, home.dir .. "/odd\\x09one")
    home:does("mount", "dev", path, "--to", "/named", "--tag", "one")
    home:does("mount", "dev", path, "--to", "/named-2", "--tag", "two")
    local status, _, errors = home:lunik("unmount", "dev", "named")
    assert.equal(1, status)
    assert.matches("named' is more than one: say which by its tag\n$", errors)
    home:does("unmount", "dev", "one")
    home:does("unmount", "dev", "named")
    unistd.unlink(home.dir .. "/link")
  end)

  it("may lie as deep as a path can be long", function()
    local here = unistd.getcwd()
    local deep = home.dir .. "/deep"
    stat.mkdir(deep, 448)
    unistd.chdir(deep)
    while #deep < 4095 do
      local left = 4095 - #deep - 1
      local part = ("d"):rep(left > 400 and 200 or left > 255 and left // 2 or left)
      assert(stat.mkdir(part, 448))
      unistd.chdir(part)
      deep = deep .. "/" .. part
    end
    write("f", "deep down")
    unistd.chdir(here)
    assert.equal(4095, #deep)
    home:does("mount", "dev", deep, "--to", "/deep", "--tag", "deep")
    assert.equal("deep down", guest "cat /deep/f")
    assert.equal(deep, mounts().deep.from)
    home:does("unmount", "dev", "deep")
    local status, _, errors = home:lunik("mount", "dev", deep .. "x")
    assert.same({ 1, true }, { status, errors:find("4095 bytes", 1, true) ~= nil })
    -- what lies below it has no path that a call would take
    assert(os.execute(("rm -r '%s/deep'"):format(home.dir)))
  end)

  it("share a directory between two machines", function()
    home:does("up", home:small("other", "agent {}, hotplug { ports = 2 }"))
    local path = folder "shared"
    home:does("mount", "dev", path, "--to", "/shared")
    home:does("mount", "other", path, "--to", "/shared")
    guest "echo from-dev > /shared/dev"
    assert.equal("from-dev\n", (home:does("exec", "other", "--", "cat", "/shared/dev")))
    home:does("exec", "other", "--", "sh", "-c", "echo from-other > /shared/dev")
    -- a guest may trust what it has read for a second (cache = "auto")
    local ends = time.time() + 5
    repeat until guest "cat /shared/dev" == "from-other\n" or time.time() > ends
    assert.equal("from-other\n", guest "cat /shared/dev")
    home:does("unmount", "dev", "shared")
    assert.equal("from-other\n", (home:does("exec", "other", "--", "cat", "/shared/dev")))
    home:does("down", "--force", "other")
  end)

  it("are asked for with a directory", function()
    assert.same({ 2, "", "lunik mount: which directory? lunik mount dev DIRECTORY\n" },
                { home:lunik("mount", "dev") })
  end)

  it("outlive their directory", function()
    local path = folder "vanishing"
    home:does("mount", "dev", path, "--to", "/vanishing")
    unistd.unlink(path .. "/from-host")
    assert(unistd.rmdir(path))
    assert.equal("", guest "ls -A /vanishing")
    local status = home:lunik("exec", "dev", "--", "sh", "-c", "echo x > /vanishing/new")
    assert.not_equal(0, status)
    assert.equal("stale", mounts().vanishing.state)
    home:does("unmount", "dev", "vanishing")
    assert.is_nil(mounts().vanishing)
    local again, _, errors = home:lunik("mount", "dev", path)
    assert.same({ 1, ("lunik mount: mount.from: no such directory '%s'\n"):format(path) },
                { again, errors })
  end)

  it("are kept over a supervisor's death", function()
    home:does("mount", "dev", home.dir .. "/ws-1", "--to", "/kept", "--tag", "kept")
    local supervisor = core.proc.open(home:json("status", "dev", "--json").supervisor.pid)
    supervisor:signal(9)
    supervisor:wait(60)
    supervisor:close()
    home:does("adopt", "dev")
    assert.equal("mounted", mounts().kept.state)
    both_ways(home.dir .. "/ws-1", "/kept")
    home:does("mount", "dev", home.dir .. "/ws-2", "--to", "/later", "--tag", "later")
    both_ways(home.dir .. "/ws-2", "/later")
    home:does("unmount", "dev", "kept")
    home:does("unmount", "dev", "later")
    assert.equal(PORTS + 1, free_ports())
  end)

  it("that die with their daemon are taken from the guest at once, and can come again", function()
    home:does("mount", "dev", home.dir .. "/ws-1", "--to", "/dies", "--tag", "dies")
    local events = home:start({}, "events", "-f", "dev")
    for _, helper in ipairs(home:json("status", "dev", "--json").helpers) do
      if helper.name == "fs-dies" then core.proc.open(helper.pid):signal(9) end
    end
    events:expect('DEVICE_DELETED {"device":"fs%-dies"', 60)
    events:expect("helper fs%-dies: killed by signal 9[^\n]*the mount 'dies' is taken", 60)
    events:close()
    -- QEMU has still to let go of what the device had
    for _ = 1, 600 do
      if mounts().dies.state == "dead" then break end
      time.nanosleep { tv_sec = 0, tv_nsec = 100 * 1000 * 1000 }
    end
    assert.same({ "dead", "its daemon died" }, { mounts().dies.state, mounts().dies.why })
    assert.equal("", guest "grep /dies /proc/self/mountinfo || true")
    home:does("mount", "dev", home.dir .. "/ws-1", "--to", "/dies", "--tag", "dies")
    both_ways(home.dir .. "/ws-1", "/dies")
    home:does("unmount", "dev", "dies")
  end)

  it("come back at once when they are to be", function()
    home:does("mount", "dev", home.dir .. "/ws-1", "--to", "/back", "--tag", "back", "--on-death",
              "remount")
    local events = home:start({}, "events", "-f", "dev")
    for _, helper in ipairs(home:json("status", "dev", "--json").helpers) do
      if helper.name == "fs-back" then core.proc.open(helper.pid):signal(9) end
    end
    events:expect("back is mounted again", 60)
    events:close()
    both_ways(home.dir .. "/ws-1", "/back")
    home:does("unmount", "dev", "back")
  end)

  it("leave nothing behind when the machine ends", function()
    home:does("mount", "dev", home.dir .. "/ws-1", "--to", "/last", "--tag", "last")
    -- a daemon that died was never replaced: that is said again, and was no trouble of the end
    local status, _, errors = home:lunik("down", "dev")
    assert.same({ 0, true }, { status, errors:find("helper fs-dies died", 1, true) ~= nil })
    after.gone(home)
    assert.same({}, home:runtime())
  end)
end)

-- Which machine a verb is about where none is said, where an option says it, and where several are.
local core = require "lunik.core"
local house = require "support.house"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

describe("a verb", function()
  local home, top
  setup(function()
    home = house.new()
    top = home.dir
    for _, folder in ipairs { "a", "b", "empty" } do stat.mkdir(top .. "/" .. folder, 448) end
    local text = "return machine { name = '%s', accel = 'tcg', memory = '64M', paused = true }"
    scratch.write(top .. "/a/a.lua", text:format "a")
    scratch.write(top .. "/a/vm.lua", text:format "v")
    scratch.write(top .. "/b/vm.lua", text:format "b")
  end)
  after_each(function()
    home.dir = top
    home:clear()
  end)
  teardown(function() home:close() end)

  -- In a folder: exit code, stdout, stderr.
  local function inside(folder, ...)
    home.dir = top .. "/" .. folder
    local status, text, errors = home:lunik(...)
    home.dir = top
    return status, text, errors
  end

  local function is_about(name, folder)
    local status, text, errors = inside(folder, "status", "--json")
    assert.equal(0, status, errors)
    assert.equal(name, core.json.decode(text).name)
  end

  it("without a machine is about the only one that runs, from wherever", function()
    assert.same({ 1, "", "lunik status: no machine was started from vm.lua, and none runs\n" },
                { inside("empty", "status") })
    home:does("up", "a/a.lua")
    is_about("a", "empty")
    is_about("a", "b")
    assert.equal(0, (inside("empty", "resume")))
    assert.equal(0, (inside("empty", "down", "--force")))
    assert.same({ 1, "", "lunik mounts: no machine was started from vm.lua, and none runs\n" },
                { inside("empty", "mounts") })
  end)

  it("without a machine is about the one that runs of the recipes here, else asks which", function()
    home:does("up", "a/a.lua", "b")
    is_about("a", "a")
    is_about("b", "b")
    assert.same({ 1, "", "lunik down: no machine was started from vm.lua: say which is meant of "
                  .. "those that run: a, b\n" }, { inside("empty", "down") })
    home:does("up", "a/vm.lua")
    is_about("v", "a")
    home:does("down", "--force", "v")
    is_about("a", "a")
    home:does("down", "--force", "a")
    is_about("v", "a")
  end)

  it("takes the machine by -m before all its other words, or after them", function()
    home:does("up", "a/a.lua")
    for _, words in ipairs { { "-m", "a", "query-name" }, { "query-name", "-m", "a" },
                             { "--machine=a", "query-name" }, { "-ma", "query-name", "{}" } } do
      assert.equal('{\n  "name": "a"\n}\n', (home:does("qmp", table.unpack(words))))
    end
    assert.same({ 2, "lunik: missing argument 'command'\nusage: see lunik qmp --help\n" },
                { home:lunik("qmp", "-m", "a"), select(3, home:lunik("qmp", "-m", "a")) })
    for _, words in ipairs { { "exec", "-m", "a", "x" }, { "exec", "--machine=a", "--", "x" } } do
      local _, _, errors = home:lunik(table.unpack(words))
      assert.equal("lunik exec: the machine is paused: lunik resume a\n", errors)
    end
    assert.matches("no machine 'none'", select(3, home:lunik("unplug", "d", "-m", "none")))
  end)

  it("is asked for where a program stands in its place", function()
    home:does("up", "a/a.lua")
    home:does("up", "b")
    for verb, line in pairs { exec = "exec NAME -- make", ssh = "ssh NAME make" } do
      assert.same({ "", ("lunik %s: no machine 'make'; there are: a, b; if 'make' is the program: "
                         .. "lunik %s\n"):format(verb, line) },
                  { select(2, home:lunik(verb, "make", "test")) })
      assert.matches("no machine 'make'; there are: a, b\n$",
                     select(3, home:lunik(verb, "-m", "make", "test")))
    end
  end)

  it("is asked for where what the verb is about stands in its place, or before it", function()
    home:does("up", "a/a.lua")
    local function says(hint, ...)
      local status, text, errors = home:lunik(...)
      assert.same({ 1, "" }, { status, text })
      assert.equal(hint, errors:match "; (if [^\n]*)\n$" or errors)
    end
    local shell = home:start({ terminal = true }, "shell", "sh")
    shell:expect "; if 'sh' is a program: lunik exec %-t NAME %-%- sh"
    shell:wait(30)
    says("if 'query-block' is the command: lunik qmp a query-block", "qmp", "query-block", "a")
    says("if 'disk' is the family: lunik plug NAME disk FIELD=VALUE", "plug", "disk", "file=x")
    says("if './x.iso' is the medium: lunik cdrom NAME ./x.iso", "cdrom", "./x.iso")
    says("if '/tmp' is the directory: lunik mount a /tmp", "mount", "/tmp", "a")
    says("if 'music' is the mount: lunik unmount a music", "unmount", "music", "a")
    says("if 'nic-1' is the device: lunik unplug a nic-1", "unplug", "nic-1", "a")
    says("if 'ret' is a key: lunik sendkey a ret", "sendkey", "ret", "a")
    assert.matches("no machine 'music'", select(3, home:lunik("unmount", "music", "none")))
    assert.no.matches("; if", select(3, home:lunik("unmount", "music", "none")))
  end)

  it("says what does the same where there is no ssh, and what starts a machine again", function()
    home:does("up", "a/a.lua")
    home:does("resume", "a")
    for line, words in pairs { ["shell a"] = {}, ["exec a -- ls '/a b'"] = { "ls", "/a b" } } do
      assert.same({ 125, "", "lunik ssh: the machine has no ssh {}; by the guest's agent: lunik "
                    .. line .. "\n" }, { home:lunik("ssh", "a", table.unpack(words)) })
    end
    home:does("down", "--force", "a")
    assert.same({ 1, "", "lunik mounts: machine 'a' is not running: lunik up starts it again\n" },
                { home:lunik("mounts", "a") })
  end)

  it("may be left out where drives are listed", function()
    home:does("up", "a/a.lua")
    assert.same({ 0, "", "a: no CD-ROM drive\n" }, { inside("empty", "cdrom") })
  end)

  it("may be left out before a single word, too", function()
    home:does("up", "a/a.lua")
    for _, verb in ipairs { "unplug", "unmount" } do
      assert.same({ 1, "", ("lunik %s: nothing that can be unplugged is called 'x'\n"):format(
                    verb) }, { inside("empty", verb, "x") })
      assert.same({ 1, "", ("lunik %s: nothing that can be unplugged is called 'a'; 'a' is "
                    .. "a machine, of which something is to be said\n"):format(verb) },
                  { inside("empty", verb, "a") })
      assert.same({ 2, ("lunik: missing argument '%s'\nusage: see lunik %s --help\n"):format(
                    verb == "unplug" and "device" or "mount", verb) },
                  { home:lunik(verb), select(3, home:lunik(verb)) })
    end
    assert.same({ 1, "", "lunik mount: the machine was started without shared memory: add "
                  .. "hotplug {} to its recipe and restart\n" },
                { inside("empty", "mount", "/tmp") })
    home:does("up", "b")
    assert.same({ 1, "", "lunik unmount: no machine was started from vm.lua: say which is meant "
                  .. "of those that run: a, b\n" }, { inside("empty", "unmount", "x") })
  end)

  it("starts those of several again that have stopped, and says of which that is not so", function()
    home:does("up", "a/a.lua", "b")
    local function id(name) return home:json("status", name, "--json").id end
    local before = id "a"
    local proc = core.proc.open(home:json("status", "b", "--json").supervisor.pid)
    proc:signal(9)
    proc:wait(60)
    proc:close()
    scratch.write(home.dir .. "/run/lunik/b/vm.json", "{")
    local status, _, errors = home:lunik("restart", "a", "b")
    assert.equal(3, status)
    assert.matches("\nlunik restart: b: machine 'b' has no supervisor, and what was written down "
      .. "about it cannot be read: lunik down --force b ends it\n", errors, 1, true)
    assert.not_equal(before, id "a")
    home:does("down", "--force", "b")
  end)

  it("takes several machines where that makes sense, and says which of them failed", function()
    home:does("up", "a/a.lua", "b")
    local function states()
      local text, list = home:does("status", "--json", "a", "b"), {}
      for line in text:gmatch "[^\n]+" do
        local one = core.json.decode(line)
        list[#list + 1] = one.name .. " " .. one.state
      end
      return table.concat(list, ", ")
    end
    home:does("resume", "a", "b")
    assert.equal("a running, b running", states())
    local status, _, errors = home:lunik("pause", "a", "none", "b")
    assert.same({ 1, "lunik pause: none: no machine 'none'; there are: a, b\n" },
                { status, errors })
    assert.equal("a paused, b paused", states())
    status, _, errors = home:lunik("wait", "--timeout", "0.1", "a", "b")
    assert.equal(6, status)
    assert.equal("lunik wait:\n  a: machine 'a': still running\n  b: machine 'b': still running\n",
                 (errors:gsub("%w: the machine is paused[^\n]*\n", "")))
  end)

  it("takes several over whose supervisors died", function()
    home:does("up", "a/a.lua", "b")
    for _, name in ipairs { "a", "b" } do
      local proc = core.proc.open(home:json("status", name, "--json").supervisor.pid)
      proc:signal(9)
      proc:wait(60)
      proc:close()
    end
    home:does("adopt", "a", "b")
    for _, name in ipairs { "a", "b" } do
      assert.is_true(home:json("status", name, "--json").supervisor.adopted)
    end
  end)

  it("restarts several at once, and none where one recipe has a problem", function()
    home:does("up", "a/a.lua", "b")
    local function pids()
      return { home:json("status", "a", "--json").qemu.pid,
               home:json("status", "b", "--json").qemu.pid }
    end
    local before, text = pids(), scratch.read(top .. "/b/vm.lua")
    scratch.write(top .. "/b/vm.lua", "return machine { cpsu = 1 }")
    assert.equal(1, (home:lunik("restart", "--force", "a", "b")))
    assert.same(before, pids())
    scratch.write(top .. "/b/vm.lua", text)
    home:does("restart", "--force", "a", "b")
    local now = pids()
    assert.is_true(now[1] ~= before[1] and now[2] ~= before[2])
  end)
end)

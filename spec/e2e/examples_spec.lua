-- What lies in examples/: each recipe is right for the QEMU that is here, and says at its top what
-- it shows and what to type; those that the small guest can carry are started.
local house = require "support.house"
local run = require "support.run"
local scratch = require "support.scratch"
local stat = require "posix.sys.stat"

local checkout = house.guest:match "^(.*)/build/guest$" or require "posix.unistd".getcwd()

-- What they take from the environment, where the default is somebody's own file.
local STAGED = { cloud = { "IMAGE" }, aarch64 = { "IMAGE" }, passthrough = { "IMAGE" },
                 desktop = { "ISO" } }

local function recipes()
  local found = {}
  for _, path in ipairs(scratch.list "examples") do
    if path:find "vm%.lua$" then found[#found + 1] = path end
  end
  table.sort(found)
  return found
end

describe("an example", function()
  local home

  before_each(function()
    home = house.new()
    scratch.write(home.dir .. "/staged.iso", ("\0"):rep(1 << 16))
    local _, how, status = run.output { path = true, argv = { "qemu-img", "create", "-q", "-f",
      "qcow2", home.dir .. "/staged.qcow2", "1G" } }
    assert.same({ "exited", 0 }, { how, status })
  end)
  after_each(function() home:close() end)

  local function set(name, value) table.insert(home.env, name .. "=" .. value) end

  it("is right, and begins with what it shows", function()
    set("SHOW", "none")
    set("SOUND", "none")
    local plain = { table.unpack(home.env) }
    for _, path in ipairs(recipes()) do
      home.env = { table.unpack(plain) }
      for _, name in ipairs(STAGED[path:match "^[^/]*"] or {}) do
        set(name, home.dir .. (name == "ISO" and "/staged.iso" or "/staged.qcow2"))
      end
      local file = ("%s/examples/%s"):format(checkout, path)
      assert.matches("^%-%- %a", scratch.read(file), path)
      local text = home:does("check", "--no-host", file)
      assert.matches("is fine", text, path)
    end
  end)

  local function path_of(name) return ("%s/examples/%s/vm.lua"):format(checkout, name) end

  it("of a microvm boots, without PCI", function()
    local one = home:start({ terminal = true }, "run", path_of "microvm")
    one:expect("BusyBox", 120)
    one:expect "/ # "
    one:send "echo has $(ls /sys/bus/pci/devices | wc -l) cards; reboot -f\r"
    one:expect("has 0 cards", 60)
    assert.same({ "exited", 0 }, { one:wait(60) }, one.text)
    one:close()
  end)

  it("of a workspace has the project", function()
    set("WORK", home.dir)
    scratch.write(home.dir .. "/from-host", "hello\n")
    home:does("up", path_of "workspace")
    assert.equal("hello\n", (home:does("exec", "workspace", "--", "cat", "/work/from-host")))
    home:does("down", "workspace")
  end)

  it("of projects has each as it comes, but no secrets", function()
    local source = home.dir .. "/src"
    for _, path in ipairs { source, source .. "/one" } do stat.mkdir(path, 448) end
    set("SRC", source)
    home:does("up", path_of "projects")
    stat.mkdir(source .. "/two", 448)
    scratch.write(source .. "/two/note", "later\n")
    assert.equal("one\ntwo\nlater\n", (home:does("exec", "projects", "--", "sh", "-c",
      "until [ -e /src/two/note ]; do sleep 0.2; done; ls /src; cat /src/two/note")))
    home:does("down", "projects")
  end)

  local function runs(name, ...)
    return home:lunik("run", ("%s/examples/%s/vm.lua"):format(checkout, name), "--", ...)
  end

  it("of a sandbox has one folder, no network, and the program's status", function()
    set("WORK", home.dir)
    local status, text = runs("sandbox", "sh", "-c",
      "echo made > /work/result; ls /sys/class/net; exit 7")
    assert.same({ 7, "lo\n" }, { status, text })
    assert.equal("made\n", scratch.read(home.dir .. "/result"))
  end)

  it("of a test run reads its sources, and leaves its results", function()
    set("SOURCES", checkout .. "/examples")
    set("RESULTS", home.dir)
    assert.equal(0, (runs("ci", "sh", "-c", "ls /src > /results/log; ! touch /src/x")))
    assert.matches("sandbox\n", scratch.read(home.dir .. "/log"))
  end)

  it("of a kernel has the sources in the guest", function()
    set("SOURCES", checkout .. "/src")
    local status, text = runs("kernel", "sh", "-c", "uname -s; ls /src/argv.c /src/qmp.c | wc -l")
    assert.equal(0, status)
    assert.matches("^Linux\n", text)
  end)

  it("of an undo has a command that leaves nothing, but its status, unless it is to be kept",
  function()
    home:does("up", checkout .. "/examples/undo/vm.lua")
    local env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath }
    table.move(home.env, 1, #home.env, #env + 1, env)
    local function try(...)
      local text, _, status = run.output { env = env, cwd = checkout, path = true,
        argv = { run.interpreter, "examples/undo/try.lua", "undo", "sh", "-c", ... } }
      return status, text
    end
    assert.same({ 3, "gone\n" }, { try "rm -r /root; echo gone; touch /tmp/new; exit 3" })
    assert.equal("root\n", (home:does("exec", "undo", "--", "sh", "-c",
                                      "ls / | grep root; ls /tmp")))
    env[#env + 1] = "KEEP=1"
    assert.same({ 0, "" }, { try "touch /tmp/new" })
    assert.equal("/tmp/new\n", (home:does("exec", "undo", "--", "ls", "/tmp/new")))
    home:does("down", "undo")
  end)

  it("of a night is put away by itself, and goes on at its unit's next start", function()
    for name, value in pairs { LOOKS = 3, SECONDS = 0.5, QUIET = 1000 } do set(name, value) end
    local path = checkout .. "/examples/night/vm.lua"
    assert.matches("\nTimeoutStopSec=700\n", (home:does("unit", path)))
    local log = home.dir .. "/state/lunik/night/supervisor.log"
    for _, begun in ipairs { "ready after", "restored after" } do
      local one = home:start({}, "supervise", "--recipe", path)
      assert.same({ "exited", 0 }, { one:wait(200) }, one.text)
      assert.truthy(scratch.read(log):find(begun, 1, true), begun)
      assert.matches("\nnight +saved ", (home:does "ls"))
    end
  end)

  -- What lua5.4 makes of these words, with lunik where it finds it: status, output
  local function lua(...)
    local env = { "LUA_PATH=" .. package.path, "LUA_CPATH=" .. package.cpath }
    table.move(home.env, 1, #home.env, #env + 1, env)
    local text, how, status = run.output { env = env, cwd = checkout, path = true,
                                           argv = { run.interpreter, ... } }
    assert.equal("exited", how, text)
    return status, text
  end

  local function busted(path)
    local program = run.output { path = true, argv = { "sh", "-c", "command -v busted" } }
    local status, text = lua(program:match "%S+", path)
    assert.equal(0, status, text)
    return text
  end

  it("of a fixture is used by a test of busted", function()
    busted "examples/database/fixture_spec.lua"
    assert.equal("down", home:json("ls", "-a", "--json").machines[1].state)
  end)

  it("of clones has a sandbox with one folder, and a clone for each case of a matrix", function()
    home:does("up", checkout .. "/examples/clones/vm.lua")
    home:does("save", "warm", home.dir .. "/warm")
    stat.mkdir(home.dir .. "/task", 448)
    local function sandbox(...)
      return lua("examples/clones/sandbox.lua", home.dir .. "/warm", home.dir .. "/task", "sh",
                 "-c", ...)
    end
    assert.same({ 7, "lo\n" }, { sandbox "echo made >/work/result; ls /sys/class/net; exit 7" })
    assert.equal("made\n", scratch.read(home.dir .. "/task/result"))
    assert.same({ 0, "result\n" }, { sandbox "ls /work; rm -r /root" })
    assert.same({}, home:runtime())
    set("WARM", home.dir .. "/warm")
    assert.matches("%f[%d]4 %l+", busted "examples/clones/matrix_spec.lua")      -- none is left out
    assert.same({}, home:runtime())
  end)

  it("of a script is what `lunik import` makes of it", function()
    local folder = checkout .. "/examples/imported"
    local text, how, status = run.output { env = home.env, cwd = folder,
      argv = { house.program, "import", "start.sh" } }
    assert.same({ "exited", 0 }, { how, status })
    assert.equal(scratch.read(folder .. "/vm.lua"), text)
    home:does("up", folder .. "/vm.lua")
    local console = home:start({}, "logs", "-f", "-n", "1000", "--source", "serial", "imported")
    console:expect("lunik guest ready", 60)
    console:close()
    home:does("down", "imported")
  end)
end)
